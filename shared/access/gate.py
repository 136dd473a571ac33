"""Who may come in: a request's credential read and counted, alike on every provider."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shared.access.api_keys import FORM, ApiPrincipal, read_api_key
from shared.access.homes import need_home
from shared.access.rate_limits import RATES, Rate, admit
from shared.access.roles import SignedIn, read_sign_in
from shared.errors import InvalidInput, NotAuthenticated, NotFound
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.ports.tenants import Tenants

HOUR = 3_600
KEYLESS = "senders without a key"  # one caller, whatever path they chose: no limit may be multiplied by naming another

Principal = ApiPrincipal | SignedIn
Event = Mapping[str, Any]


class Gate:
    """Reads credentials, counts requests and lets in only whose home is here; `tenant` is whose webhooks arrive."""

    def __init__(self, records: Records, secrets: Secrets, tenants: Tenants, clock: Clock, tenant: str = "") -> None:
        self._records, self._secrets, self._tenants, self._clock = records, secrets, tenants, clock
        self._tenant = tenant

    def identify(self, event: Event) -> Principal:
        """Whom a request comes from: a person whose token the gateway has verified, else a key's client.

        Claims are believed in the request's context alone, where no caller can write. Raises NotAuthenticated.
        """
        claims = read_claims(event)
        return read_sign_in(claims) if claims else self.identify_key(read_bearer(event))

    def identify_key(self, key: str) -> ApiPrincipal:
        """Whom an API key stands for; raises NotAuthenticated.

        A key of another region's tenant is not known here: NotAtHome says where to ask. The tenant's name stands in it.
        """
        named = FORM.fullmatch(key)
        if named:
            with suppress(NotFound, InvalidInput):  # in no directory: it is refused like any other wrong key
                need_home(self._tenants, named[1])
        return read_api_key(self._records, self._secrets, self._clock, key)

    def admit(self, principal: Principal | None, path: str) -> None:
        """Count a request of a caller, or of all senders without a key together, whatever they name.

        Raises NotAtHome, which names the region to ask, and RateLimited.
        """
        if principal is not None:
            need_home(self._tenants, principal.tenant)
            rate = Rate(principal.per_hour, HOUR)
            admit(self._records, self._clock, principal.tenant, principal.key, rate)
        elif path.startswith("/api/"):
            need_home(self._tenants, self._tenant)
            admit(self._records, self._clock, self._tenant, KEYLESS, RATES["premium"])


def read_claims(event: Event) -> Mapping[str, Any]:
    """The claims of a verified token, nothing where no authorizer stood before the request."""
    authorizer: Any = event["requestContext"].get("authorizer") or {}
    claims: Mapping[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
    return claims


def read_bearer(event: Event) -> str:
    """The credential in a request's headers; raises NotAuthenticated where there is none."""
    scheme, _, credential = str(event["headers"].get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise NotAuthenticated(
            "no credential", field="authorization", limit="Bearer <key>", action="send your API key as a bearer token"
        )
    return credential.strip()
