"""Who listens on a live connection: the rows of connections, which name the key that let each in.

A connection names no tenant until it is read, so its row stands in a partition of its own, under the connection's hash.
The key itself is not kept: its row is read again with each message and before each push, so that a key that is revoked
or has expired neither says nor hears anything more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.access.api_keys import renew_principal
from shared.errors import NotAuthenticated
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Batch, Delete, Put, Records

ROW = "LISTENER"
WAITING = "waiting-request"  # how our own name of such a member begins; no gateway gives out one like it
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


def find_listeners(records: Records, clock: Clock, connections: Connections, topic: str) -> Sequence[str]:
    """The members of a topic whose key still stands; each key is read once.

    A request that waits for its reply has no row: it showed its key when it came in, and is only woken.
    """
    rows = {each: read_listener(records, each) or Listener() for each in connections.members(topic)}
    stands = {row: _stands(records, clock, row) for row in set(rows.values())}
    return [each for each, row in rows.items() if stands[row] or each.startswith(WAITING)]


def _stands(records: Records, clock: Clock, listener: Listener) -> bool:
    if not listener.key:
        return False
    try:
        renew_principal(records, clock, listener.tenant, listener.key)
    except NotAuthenticated:
        return False
    return True


def _partition(connection: str) -> str:
    return f"W|{hashlib.sha256(connection.encode()).hexdigest()[:32]}"
