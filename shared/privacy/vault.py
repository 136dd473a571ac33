"""Customer text sealed under the customer's own key; forgetting the key forgets the text.

AES-SIV (RFC 5297): no nonce to repeat, and the same value seals to the same text, so that a step which runs twice
writes the same row. A customer's data key is random, stored wrapped by the tenant's key, and kept in memory for a
while, so that a turn rarely reads it. What is sealed for one subject of one tenant opens for no other.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.errors import Conflict, NotFound
from shared.ports.clock import Clock
from shared.ports.records import ABSENT, Batch, Delete, Put, Records, Row
from shared.ports.secrets import Secrets

KEY_ROW = "KEY"
KEYS_IN_MEMORY = 2_000
TRUST_SECONDS = 60.0  # how long another worker may still read what was forgotten


def random_key() -> bytes:
    return AESSIV.generate_key(bit_length=512)


class Vault:
    """Seals and opens JSON values for a (tenant, subject); a subject is a customer or an anonymous sender."""

    def __init__(
        self, records: Records, secrets: Secrets, clock: Clock, new_key: Callable[[], bytes] = random_key
    ) -> None:
        self._records = records
        self._secrets = secrets
        self._clock = clock
        self._new_key = new_key
        self._tenants: dict[str, tuple[list[AESSIV], float]] = {}
        self._keys: OrderedDict[tuple[str, str], tuple[AESSIV, float]] = OrderedDict()

    def seal(self, tenant: str, subject: str, value: Any) -> str:
        """The value as printable text that only this subject's key opens."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return _to_text(self._key(tenant, subject).encrypt(plain, _bind(tenant, subject)))

    def open(self, tenant: str, subject: str, sealed: str) -> Any:
        """The value again; raises NotFound where the subject's key was erased or the text is not theirs."""
        key = self._key(tenant, subject, create=False)
        try:
            plain = key.decrypt(base64.b64decode(sealed, validate=True), _bind(tenant, subject))
        except (InvalidTag, ValueError) as error:
            raise _unreadable() from error
        return json.loads(plain.decode("utf-8", "surrogatepass"))

    def forget(self, tenant: str, subject: str) -> None:
        """Erase a subject's key; what it sealed is unreadable from then on, in every copy."""
        self._records.write(Batch(_partition(tenant, subject), (Delete(KEY_ROW),)))
        self._keys.pop((tenant, subject), None)

    def _key(self, tenant: str, subject: str, *, create: bool = True) -> AESSIV:
        now = self._clock.monotonic()
        key, until = self._keys.get((tenant, subject), (None, 0.0))
        if key is None or until < now:
            key = AESSIV(self._read_key(tenant, subject, create=create))
            self._keys[tenant, subject] = key, now + TRUST_SECONDS
            if len(self._keys) > KEYS_IN_MEMORY:
                self._keys.popitem(last=False)
        return key

    def _read_key(self, tenant: str, subject: str, *, create: bool) -> bytes:
        """The subject's data key, made where there is none; re-wrapped where the tenant's key was rotated."""
        partition, bound = _partition(tenant, subject), _bind(tenant, subject)
        row = self._records.get(partition, KEY_ROW)
        if row is not None:
            return self._unwrap(tenant, subject, row)
        if not create:
            raise _unreadable()
        fresh = self._new_key()
        wrapped = _to_text(self._tenant_keys(tenant)[0].encrypt(fresh, bound))
        try:
            self._records.write(Batch(partition, (Put(KEY_ROW, {"wrapped": wrapped}, ABSENT),)))
        except Conflict:  # another worker made it first: theirs counts
            return self._read_key(tenant, subject, create=False)
        return fresh

    def _unwrap(self, tenant: str, subject: str, row: Row) -> bytes:
        wrapped, bound = base64.b64decode(row.body["wrapped"]), _bind(tenant, subject)
        for age, tenant_key in enumerate(self._tenant_keys(tenant)):
            try:
                key = tenant_key.decrypt(wrapped, bound)
            except InvalidTag:
                continue
            if age:  # under an older key: a second rotation would lose it
                self._rewrap(tenant, subject, key, row)
            return key
        raise _unreadable()

    def _rewrap(self, tenant: str, subject: str, key: bytes, row: Row) -> None:
        wrapped = _to_text(self._tenant_keys(tenant)[0].encrypt(key, _bind(tenant, subject)))
        with suppress(Conflict):  # whoever changed the row has wrapped it anew, or erased it
            self._records.write(Batch(row.partition, (Put(KEY_ROW, {"wrapped": wrapped}, row.version),)))

    def _tenant_keys(self, tenant: str) -> list[AESSIV]:
        """The tenant's active keys, newest first; the first one is made with the tenant's first text."""
        now = self._clock.monotonic()
        keys, until = self._tenants.get(tenant, ([], 0.0))
        if not keys or until < now:
            keys = [AESSIV(value) for value in self._read_tenant_keys(f"tenant-key-{tenant}")]
            self._tenants[tenant] = keys, now + TRUST_SECONDS
        return keys

    def _read_tenant_keys(self, name: str) -> Sequence[bytes]:
        try:
            return self._secrets.get(name)
        except NotFound:
            with suppress(Conflict):  # another worker made it first: theirs counts
                self._secrets.create(name, self._new_key())
            return self._secrets.get(name)


def _partition(tenant: str, subject: str) -> str:
    return f"T|{tenant}|U|{subject}"


def _bind(tenant: str, subject: str) -> list[bytes]:
    return [f"{tenant}|{subject}".encode()]


def _to_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unreadable() -> NotFound:
    return NotFound("this text can no longer be read", field="sealed", action="its key was erased")
