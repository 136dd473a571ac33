"""Who calls a route, and what every route stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends

from shared.company.company import Company
from shared.errors import InvalidInput, NotPermitted
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry
from shared.privacy.vault import Vault

Counts = Mapping[tuple[str, tuple[tuple[str, str], ...]], int]
LONGEST_KEY = 200
PERMISSIONS = ("conversations:read", "conversations:write", "approvals:decide", "handoffs:work", "channels:write")


class Principal(Protocol):
    """Whom a credential stands for."""

    @property
    def tenant(self) -> str: ...
    @property
    def permissions(self) -> Collection[str]: ...
    @property
    def key(self) -> str: ...
    @property
    def per_hour(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Backend:
    """What the routes stand on; the entry that hosts them brings it.

    `call` runs a handler by name. `identify` reads a bearer token (raises NotAuthenticated). `admit` counts a request
    against its caller's rate, None being a caller without a key (raises Throttled). `probe` says how the parts of the
    platform are, `counts` what it has counted. `tenant` is whose webhooks arrive here.
    """

    call: Callable[[str, dict[str, Any]], Any]
    records: Records
    vault: Vault
    company: Company
    clock: Clock
    ids: Ids
    telemetry: Telemetry
    identify: Callable[[str], Principal]
    admit: Callable[[Principal | None, str], None]
    probe: Callable[[], dict[str, Any]]
    counts: Callable[[], Counts]
    tenant: str


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's caller and headers (lower-case names)."""

    backend: Backend
    principal: Principal
    headers: Mapping[str, str]

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    def need(self, permission: str) -> Backend:
        """What the route stands on; raises NotPermitted where the credential lacks `permission`."""
        if permission not in self.principal.permissions:
            raise NotPermitted(
                "this key may not do that", field="authorization", limit=permission, action="use a key that may"
            )
        return self.backend

    @property
    def idempotency_key(self) -> str:
        """The caller's own name for the request, or nothing; raises InvalidInput."""
        key = self.headers.get("idempotency-key", "").strip()
        if len(key) > LONGEST_KEY or not key.isprintable():
            limit = f"1 to {LONGEST_KEY} printable characters"
            raise InvalidInput("the key cannot be used", field="idempotency-key", limit=limit, action="send a UUID")
        return key


def read_caller(request: Request) -> Caller:
    """The caller that the front has put beside the request."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Caller(request.context["backend"], request.context["principal"], headers)


FromCaller = Annotated[Caller, Depends(read_caller)]
