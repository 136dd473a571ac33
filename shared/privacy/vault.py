"""Customer text sealed under the customer's own key; forgetting the key forgets the text.

AES-SIV (RFC 5297): no nonce to repeat, and the same value seals to the same text, so that a step which runs twice
writes the same row. A customer's data key is random, stored wrapped by the tenant's key, and kept in memory for a
while, so that a turn rarely reads it. What is sealed for one subject of one tenant opens for no other.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.errors import Conflict, NotFound
from shared.ports.records import ABSENT, Batch, Delete, Put, Records
from shared.ports.secrets import Secrets

KEY_ROW = "KEY"
KEYS_IN_MEMORY = 2_000


def random_key() -> bytes:
    return AESSIV.generate_key(bit_length=512)


class Vault:
    """Seals and opens JSON values for a (tenant, subject); a subject is a customer or an anonymous sender."""

    def __init__(self, records: Records, secrets: Secrets, new_key: Callable[[], bytes] = random_key) -> None:
        self._records = records
        self._secrets = secrets
        self._new_key = new_key
        self._tenant_keys: dict[str, AESSIV] = {}
        self._keys: OrderedDict[tuple[str, str], AESSIV] = OrderedDict()

    def seal(self, tenant: str, subject: str, value: Any) -> str:
        """The value as printable text that only this subject's key opens."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return _to_text(self._key(tenant, subject).encrypt(plain, _bind(tenant, subject)))

    def open(self, tenant: str, subject: str, sealed: str) -> Any:
        """The value again; raises NotFound where the subject's key was erased or the text is not theirs."""
        try:
            plain = self._key(tenant, subject).decrypt(base64.b64decode(sealed), _bind(tenant, subject))
        except InvalidTag as error:
            raise NotFound("this text can no longer be read", field="sealed", action="its key was erased") from error
        return json.loads(plain.decode("utf-8", "surrogatepass"))

    def forget(self, tenant: str, subject: str) -> None:
        """Erase a subject's key; what it sealed is unreadable from then on, in every copy."""
        self._records.write(Batch(_partition(tenant, subject), (Delete(KEY_ROW),)))
        self._keys.pop((tenant, subject), None)

    def _key(self, tenant: str, subject: str) -> AESSIV:
        found = self._keys.get((tenant, subject))
        if found is None:
            found = self._keys[tenant, subject] = AESSIV(self._read_key(tenant, subject))
            if len(self._keys) > KEYS_IN_MEMORY:
                self._keys.popitem(last=False)
        return found

    def _read_key(self, tenant: str, subject: str) -> bytes:
        partition = _partition(tenant, subject)
        tenant_key, bound = self._tenant_key(tenant), _bind(tenant, subject)
        row = self._records.get(partition, KEY_ROW)
        if row is not None:
            return tenant_key.decrypt(base64.b64decode(row.body["wrapped"]), bound)
        fresh = self._new_key()
        wrapped = _to_text(tenant_key.encrypt(fresh, bound))
        try:
            self._records.write(Batch(partition, (Put(KEY_ROW, {"wrapped": wrapped}, ABSENT),)))
        except Conflict:  # another worker made it first: theirs counts
            return self._read_key(tenant, subject)
        return fresh

    def _tenant_key(self, tenant: str) -> AESSIV:
        if tenant not in self._tenant_keys:
            name = f"tenant-key-{tenant}"
            try:
                value = self._secrets.get(name)[-1]
            except NotFound:
                self._secrets.put(name, self._new_key())
                value = self._secrets.get(name)[-1]
            self._tenant_keys[tenant] = AESSIV(value)
        return self._tenant_keys[tenant]


def _partition(tenant: str, subject: str) -> str:
    return f"T|{tenant}|U|{subject}"


def _bind(tenant: str, subject: str) -> list[bytes]:
    return [f"{tenant}|{subject}".encode()]


def _to_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
