"""Who calls a route, with which right, under which name of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends

from functions.api.backend import Backend, Principal
from shared.errors import InvalidInput, NotPermitted

LONGEST_KEY = 200
PERMISSIONS = ("conversations:read", "conversations:write", "approvals:decide", "handoffs:work", "channels:write")


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

    def operator(self, told: str) -> str:
        """The person who acts: who signed in, or whom a program's key names; raises NotPermitted, InvalidInput."""
        signed_in = self.principal.operator
        if signed_in and told not in ("", signed_in):
            raise NotPermitted(
                "you act under your own name", field="operator", limit=signed_in, action="leave the field out"
            )
        if not signed_in and not told:
            raise InvalidInput("nobody is named", field="operator", limit="required", action="name the operator")
        return signed_in or told

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
