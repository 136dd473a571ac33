"""API keys: made once, kept only as a keyed hash, checked in constant time.

A key is `sm_<tenant>_<secret>`. Its hash is an HMAC under the pepper, which lies in the secrets and not beside the
rows: a copy of the store opens nothing. The row is found by the hash's first digits, so that looking it up tells
nothing about the rest.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.errors import Conflict, NotAuthenticated, NotFound, NotPermitted, Retry
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.records import ABSENT, Batch, Put, Records
from shared.ports.secrets import Secrets

PEPPER = "api-key-pepper"
FORM = re.compile(r"sm_([a-zA-Z0-9_-]{1,100})_([a-z0-9]{32,128})", re.ASCII)
PREFIX_DIGITS = 16
VALID_DAYS = 90
PER_HOUR = 1_000
DAY_MS = 86_400_000
TRIES = 5


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is kept of a key: `id` names it to people, times are epoch milliseconds, `per_hour` is its limit."""

    id: str
    tenant: str
    name: str
    hash: str
    permissions: tuple[str, ...]
    per_hour: int
    made: int
    expires: int
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class ApiPrincipal:
    """Whom a key stands for: a client of one tenant, with what it may do and how often an hour."""

    tenant: str
    name: str
    permissions: tuple[str, ...]
    key: str
    per_hour: int
    operator: str = ""  # a key is a program's, it is no person

    def need(self, permission: str) -> None:
        """Raises NotPermitted where the key is good and lacks `permission`."""
        if permission not in self.permissions:
            raise NotPermitted(
                "this key may not do that", field="authorization", limit=permission, action="use a key that may"
            )


def make_api_key(
    ids: Ids, pepper: bytes, tenant: str, name: str, permissions: tuple[str, ...], now: int, per_hour: int = PER_HOUR
) -> tuple[str, KeyRow]:
    """A new key, shown once, and what is kept of it; it is valid for 90 days."""
    key = f"sm_{tenant}_{ids.new('')}"
    if not FORM.fullmatch(key):
        raise ValueError(f"{tenant!r} cannot stand in a key")
    hashed = hash_key(pepper, key)
    expires = now + VALID_DAYS * DAY_MS
    return key, KeyRow(hashed[:PREFIX_DIGITS], tenant, name, hashed, permissions, per_hour, now, expires)


def store_api_key(records: Records, row: KeyRow) -> None:
    """Keep a new key's row; raises Conflict where its place is taken."""
    records.write(Batch(keys_partition(row.tenant), (Put(f"KEY|{row.id}", to_body(row), ABSENT),)))


def read_api_key(records: Records, secrets: Secrets, clock: Clock, key: str) -> ApiPrincipal:
    """Whom a key stands for; raises NotAuthenticated, with one answer for whatever is wrong with it (T26)."""
    form = FORM.fullmatch(key)
    return _principal(find_row(records, secrets, form[1], key) if form else None, clock)


def renew_principal(records: Records, clock: Clock, tenant: str, key_id: str) -> ApiPrincipal:
    """Whom a key that was read before stands for now; raises NotAuthenticated once it is revoked or has expired."""
    found = records.get(keys_partition(tenant), f"KEY|{key_id}")
    return _principal(from_body(found.body) if found else None, clock)


def _principal(row: KeyRow | None, clock: Clock) -> ApiPrincipal:
    if row is None or row.revoked or clock.now() >= row.expires:
        raise NotAuthenticated(
            "this key is not valid", field="authorization", limit="an active API key", action="ask for a new key"
        )
    return ApiPrincipal(row.tenant, row.name, row.permissions, row.id, row.per_hour)


def find_row(records: Records, secrets: Secrets, tenant: str, key: str) -> KeyRow | None:
    """The key's row under any active pepper."""
    for pepper in read_peppers(secrets):
        hashed = hash_key(pepper, key)
        found = records.get(keys_partition(tenant), f"KEY|{hashed[:PREFIX_DIGITS]}")
        if found is not None and hmac.compare_digest(found.body["hash"], hashed):
            return from_body(found.body)
    return None


def revoke_api_key(records: Records, tenant: str, key_id: str) -> None:
    """Make a key worthless at once; raises NotFound."""
    partition, row = keys_partition(tenant), f"KEY|{key_id}"
    for _ in range(TRIES):
        found = records.get(partition, row)
        if found is None:
            raise NotFound("no such key", field="key", limit="one of this tenant", action="list the keys")
        try:
            records.write(Batch(partition, (Put(row, found.body | {"revoked": True}, found.version),)))
        except Conflict:
            continue
        return
    raise Retry("the key's row kept moving")


def list_api_keys(records: Records, tenant: str) -> list[KeyRow]:
    """A tenant's keys as they are kept, by id."""
    return [from_body(row.body) for row in records.query(keys_partition(tenant), prefix="KEY|")]


def need_pepper(secrets: Secrets, ids: Ids) -> bytes:
    """The newest pepper, made where there is none yet."""
    if not read_peppers(secrets):
        with suppress(Conflict):  # another worker made it first: theirs counts
            secrets.create(PEPPER, (ids.new("") + ids.new("")).encode())
    return read_peppers(secrets)[0]


def read_peppers(secrets: Secrets) -> tuple[bytes, ...]:
    try:
        return tuple(secrets.get(PEPPER))
    except NotFound:
        return ()


def hash_key(pepper: bytes, key: str) -> str:
    return hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest()


def keys_partition(tenant: str) -> str:
    return f"T|{tenant}|A|keys"


def to_body(row: KeyRow) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in KeyRow.__dataclass_fields__}
    return named | {"permissions": list(row.permissions)}


def from_body(body: dict[str, Any]) -> KeyRow:
    known = {name: body[name] for name in KeyRow.__dataclass_fields__}
    return KeyRow(**known | {"permissions": tuple(body["permissions"])})
