"""Who may call on this machine: API keys in the data folder, counted by the hour."""

from __future__ import annotations

import os
from pathlib import Path

from adapters.local.provider import LocalProvider
from shared.access.api_keys import ApiPrincipal, make_api_key, need_pepper, read_api_key, store_api_key
from shared.access.rate_limits import RATES, Rate, admit
from shared.errors import NotAuthenticated

HOUR = 3_600


class Access:
    """Reads keys and counts requests."""

    def __init__(self, provider: LocalProvider, tenant: str) -> None:
        self._provider, self._tenant = provider, tenant

    def identify(self, key: str) -> ApiPrincipal:
        """Whom a key stands for; raises NotAuthenticated."""
        return read_api_key(self._provider.records, self._provider.secrets, self._provider.clock, key)

    def admit(self, principal: ApiPrincipal | None, path: str) -> None:
        """Count a request of a key, or of the unknown senders of a webhook together; raises RateLimited."""
        records, clock = self._provider.records, self._provider.clock
        if principal is not None:
            rate = Rate(principal.per_hour, HOUR)
            admit(records, clock, principal.tenant, principal.key, rate)
        elif path.startswith("/api/"):
            admit(records, clock, self._tenant, path, RATES["premium"])


def provide_key(provider: LocalProvider, file: Path, tenant: str, permissions: tuple[str, ...], per_hour: int) -> str:
    """The API key in `file` as long as it is valid, else a new one, which only its owner can read there."""
    found = file.read_text("utf-8").strip() if file.exists() else ""
    try:
        read_api_key(provider.records, provider.secrets, provider.clock, found)
    except NotAuthenticated:
        pepper = need_pepper(provider.secrets, provider.ids)
        key, row = make_api_key(provider.ids, pepper, tenant, "demo", permissions, provider.clock.now(), per_hour)
        store_api_key(provider.records, row)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(f"{key}\n")
        return key
    return found
