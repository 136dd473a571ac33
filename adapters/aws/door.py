"""The door of the API: where CloudFront stands before it, only what CloudFront sends is answered."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from shared.ports.clock import Clock
from shared.ports.secrets import Secrets

HEADER = "x-origin-verify"
TRUST_SECONDS = 60.0


class Door:
    """Compares what a request shows with the secret `name`, empty where nothing stands before the API.

    Two versions are good while one is rotated out; they are read once a minute.
    """

    def __init__(self, secrets: Secrets, clock: Clock, name: str) -> None:
        self._secrets, self._clock, self._name = secrets, clock, name
        self._kept: Sequence[bytes] = ()
        self._until = 0.0

    def lets_in(self, headers: dict[str, str]) -> bool:
        """Whether a request came this way; raises NotFound where the secret was not stored, and nobody comes in."""
        if not self._name:
            return True
        now = self._clock.monotonic()
        if now >= self._until:
            self._kept, self._until = self._secrets.get(self._name), now + TRUST_SECONDS
        shown = headers.get(HEADER, "").encode()
        return any([hmac.compare_digest(shown, each) for each in self._kept])
