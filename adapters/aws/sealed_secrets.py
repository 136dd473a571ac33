"""Secrets as rows of the records table, sealed under one root secret of the stage (S1 to S4).

Secrets Manager asks $0.40 a month for each secret and $5 for a million reads, and the platform makes one for every
tenant and reads the pepper with every request. A row costs nothing to keep and an eighth of a dollar for a million
reads, and its conditions are exact. Only the root lies in Secrets Manager, and what an operator types in there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.errors import Conflict, Misconfigured, NotFound, Throttled
from shared.ports.clock import Clock
from shared.ports.limits import check_name
from shared.ports.records import ABSENT, Batch, Delete, Put, Records, Row
from shared.ports.secrets import Secrets
from shared.privacy.vault import random_key

ROOT = "root"
TYPED_IN = frozenset({"business-gateway"})  # by operators, into Secrets Manager itself
ROOT_SECONDS = 3_600.0  # for so long a process keeps the root
ROW = "SECRET"
TRIES = 5


class SealedSecrets:
    """The `secrets` port over two others: `records` for the rows, `kept` for the root and for what is typed in."""

    def __init__(
        self, records: Records, kept: Secrets, clock: Clock, new_key: Callable[[], bytes] = random_key
    ) -> None:
        self._records, self._kept, self._clock, self._new_key = records, kept, clock, new_key
        self._roots: tuple[AESSIV, ...] = ()
        self._until = 0.0

    def get(self, name: str) -> Sequence[bytes]:
        """The active versions, newest first (S1, S2): one read of a row."""
        check_name(name)
        if name in TYPED_IN:
            return self._kept.get(name)
        row = self._find(name)
        if row is None:
            raise NotFound(f"no secret {name}", field="name", action="store the secret first")
        found = [self._open(name, sealed) for sealed in row.body["versions"]]
        values = [value for value, _ in found]
        if any(age for _, age in found):  # under an older root: a second rotation would lose it
            with suppress(Conflict):  # whoever changed the row has sealed it anew
                self._write(name, [self._seal(name, value) for value in values], row)
        return values

    def create(self, name: str, value: bytes) -> None:
        """Store the first version (S4)."""
        check_name(name)
        self._write(name, [self._seal(name, value)], None)

    def put(self, name: str, value: bytes) -> None:
        """Store a new version beside the one before (S2), or the first."""
        check_name(name)
        for _ in range(TRIES):
            row = self._find(name)
            before = row.body["versions"][:1] if row else []
            with suppress(Conflict):  # another worker was first: theirs is the version before
                return self._write(name, [self._seal(name, value), *before], row)
        raise Throttled(f"secret {name} kept moving")

    def delete(self, name: str) -> None:
        """Forget every version; a backup of the table remembers them for as long as it is kept."""
        check_name(name)
        self._records.write(Batch(partition_of(name), (Delete(ROW),)))

    def _find(self, name: str) -> Row | None:
        return self._records.get(partition_of(name), ROW)

    def _write(self, name: str, versions: list[str], row: Row | None) -> None:
        put = Put(ROW, {"versions": versions}, row.version if row else ABSENT)
        self._records.write(Batch(partition_of(name), (put,)))

    def _seal(self, name: str, value: bytes) -> str:
        return base64.b64encode(self._root_keys()[0].encrypt(b"." + value, [name.encode()])).decode("ascii")

    def _open(self, name: str, sealed: str) -> tuple[bytes, int]:
        """The value, and how many roots are newer than the one that it is sealed under."""
        for age, key in enumerate(self._root_keys()):
            with suppress(InvalidTag):
                return key.decrypt(base64.b64decode(sealed), [name.encode()])[1:], age
        raise Misconfigured(f"secret {name} was sealed under a root that is gone")

    def _root_keys(self) -> tuple[AESSIV, ...]:
        """The root's versions, newest first; the first one is made with the first secret."""
        now = self._clock.monotonic()
        if not self._roots or self._until < now:
            self._roots = tuple(AESSIV(value) for value in self._read_root())
            self._until = now + ROOT_SECONDS
        return self._roots

    def _read_root(self) -> Sequence[bytes]:
        with suppress(NotFound):
            return self._kept.get(ROOT)
        with suppress(Conflict):  # another worker made it first: theirs counts
            self._kept.create(ROOT, self._new_key())
        return self._kept.get(ROOT)


def partition_of(name: str) -> str:
    """Where a secret's row stands; its name is not told."""
    return f"P|secret|{hashlib.sha256(name.encode()).hexdigest()[:32]}"
