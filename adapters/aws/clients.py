"""The AWS clients of one process: each is made when an adapter first asks for it, and kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session

MOST_BACKOFF = (0, 0, 1, 3)  # seconds that "standard" retries wait at most in all, by attempts


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a service is waited for: seconds to connect, seconds to answer, attempts in all."""

    connect: float = 1.0
    answer: float = 2.0
    attempts: int = 3

    @property
    def at_most(self) -> float:
        """Seconds after which a call has ended, whatever happens."""
        return self.attempts * (self.connect + self.answer) + MOST_BACKOFF[self.attempts]


# By default the second attempt begins within 4 s, the shortest time that a task is given (shared/manifest.py).
PATIENCE: dict[str, Patience] = {
    "s3": Patience(answer=10),  # an index file has tens of megabytes
    "sqs": Patience(answer=5),
    "sesv2": Patience(answer=10, attempts=1),  # SES drops no duplicate: a second try could be a second mail (H1)
    "apigatewaymanagementapi": Patience(attempts=1),  # a push is a courtesy (C2)
}


class Clients:
    """botocore clients of one region; a session of botocore alone starts 30 ms of CPU sooner than boto3."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._made: dict[tuple[str, str], Any] = {}
        self._session: Session | None = None
        self._making = threading.Lock()

    def of(self, service: str, *, endpoint: str = "") -> Any:
        """The client of `service` by botocore's name for it; `endpoint` is a URL that replaces the region's own."""
        with self._making:
            found = self._made.get((service, endpoint))
            if found is None:
                found = self._made[service, endpoint] = self._make(service, endpoint)
            return found

    def _make(self, service: str, endpoint: str) -> Any:
        import botocore.session

        from adapters.aws.doubt import remember_doubt

        if self._session is None:
            self._session = botocore.session.Session()
        client = self._session.create_client(
            service, region_name=self.region, endpoint_url=endpoint or None, config=_config(service)
        )
        remember_doubt(client)
        return client


def _config(service: str) -> Config:
    from botocore.config import Config

    patience = PATIENCE.get(service, Patience())
    return Config(
        connect_timeout=patience.connect,
        read_timeout=patience.answer,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        tcp_keepalive=True,
        max_pool_connections=4,
    )
