"""What every route stands on; the entry that hosts the API brings it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.company.company import Company
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry
from shared.privacy.vault import Vault

Counts = Mapping[tuple[str, tuple[tuple[str, str], ...]], int]


class Principal(Protocol):
    """Whom a credential stands for; `operator` is the person who signed in, empty for a program's key."""

    @property
    def tenant(self) -> str: ...
    @property
    def permissions(self) -> Collection[str]: ...
    @property
    def key(self) -> str: ...
    @property
    def per_hour(self) -> int: ...
    @property
    def operator(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Backend:
    """Handlers, ports and checks.

    `call` runs a handler by name. `identify` reads a request's credential (raises NotAuthenticated). `admit` lets a
    caller in whose home is here and counts the request against their rate, None being a caller without a credential
    (raises NotAtHome, Throttled). `probe` says how the parts of the platform are, `counts` what it has counted.
    `tenant` is whose webhooks arrive here.
    """

    call: Callable[[str, dict[str, Any]], Any]
    records: Records
    vault: Vault
    company: Company
    clock: Clock
    ids: Ids
    telemetry: Telemetry
    identify: Callable[[Mapping[str, Any]], Principal]
    admit: Callable[[Principal | None, str], None]
    probe: Callable[[], dict[str, Any]]
    counts: Callable[[], Counts]
    tenant: str
