"""Who listens on a live connection: the rows of connections, which name the key that let each in.

A connection names no tenant until it is read, so its row stands in a partition of its own, under the connection's hash.
The key itself is not kept: its row is read again with each message, so that a key that is revoked is silent at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from shared.ports.clock import Clock
from shared.ports.records import Batch, Delete, Put, Records

ROW = "LISTENER"
LONGEST_SECONDS = 3 * 3_600  # a gateway ends a connection after two hours


@dataclass(frozen=True, slots=True)
class Listener:
    """`conversation` is what the connection asked for, empty for the desk; `key` is the id of the key, empty before."""

    conversation: str = ""
    tenant: str = ""
    key: str = ""


def read_listener(records: Records, connection: str) -> Listener | None:
    found = records.get(_partition(connection), ROW)
    return Listener(**found.body) if found else None


def write_listener(records: Records, clock: Clock, connection: str, listener: Listener) -> None:
    expires = clock.now() // 1_000 + LONGEST_SECONDS
    records.write(Batch(_partition(connection), (Put(ROW, asdict(listener), expires_at=expires),)))


def forget_listener(records: Records, connection: str) -> None:
    records.write(Batch(_partition(connection), (Delete(ROW),)))


def _partition(connection: str) -> str:
    return f"W|{hashlib.sha256(connection.encode()).hexdigest()[:32]}"
