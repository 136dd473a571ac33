"""Who somebody who signed in is: the groups of a verified token, and what each role may do.

A group is `<tenant>.<role>`. Whoever hands claims in has checked signature, issuer and client (on AWS: API Gateway's
authorizer); here only what they mean is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import NotAuthenticated, NotPermitted

GROUP = re.compile(r"([a-zA-Z0-9_-]{1,100})\.([a-z_]{1,40})", re.ASCII)
NAME = re.compile(r"[\x21-\x7b\x7d\x7e]{1,100}", re.ASCII)  # what may stand in a row's key
NAMES = ("username", "cognito:username", "sub")  # whatever the directory calls the operator, the first that is there
PER_HOUR = 6_000  # requirements row 11: 100 a minute

ROLES: dict[str, tuple[str, ...]] = {
    "reader": ("conversations:read",),
    "operator": ("conversations:read", "handoffs:work"),
    "approver": ("conversations:read", "approvals:decide"),
    "supervisor": ("conversations:read", "conversations:write", "handoffs:work", "approvals:decide"),
    "admin": ("conversations:read", "conversations:write", "handoffs:work", "approvals:decide", "channels:write"),
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person of one tenant; `operator` is the name under which they act, `key` what their requests are counted by."""

    tenant: str
    operator: str
    permissions: tuple[str, ...]
    key: str
    per_hour: int = PER_HOUR


def read_sign_in(claims: Mapping[str, Any]) -> SignedIn:
    """The person whom verified claims stand for; raises NotAuthenticated or NotPermitted."""
    name = next((str(claims[each]) for each in NAMES if claims.get(each)), "")
    if claims.get("token_use", "access") != "access" or not NAME.fullmatch(name):
        raise NotAuthenticated(
            "this token is not for the API", field="authorization", limit="an access token", action="sign in again"
        )
    tenant, roles = _read_roles(claims)
    permissions = {permission for role in roles for permission in ROLES[role]}
    return SignedIn(tenant, name, tuple(sorted(permissions)), f"signed-in {claims.get('sub', name)}")


def _read_roles(claims: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The one tenant in which somebody has roles, and the roles; other groups of the directory mean nothing here."""
    found = [GROUP.fullmatch(group) for group in read_groups(claims.get("cognito:groups", ""))]
    held = [(each[1], each[2]) for each in found if each and each[2] in ROLES]
    if len({tenant for tenant, _ in held}) != 1:
        raise NotPermitted(
            "no role in one tenant", field="authorization", limit="groups <tenant>.<role>", action="ask for a role"
        )
    return held[0][0], tuple(role for _, role in held)


def read_groups(claim: Any) -> tuple[str, ...]:
    """A claim's groups; API Gateway's HTTP API writes a list as the text `[one two]`."""
    if isinstance(claim, list | tuple):
        return tuple(str(each) for each in claim)
    return tuple(str(claim).strip().removeprefix("[").removesuffix("]").replace(",", " ").split())
