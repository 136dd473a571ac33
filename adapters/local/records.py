"""Rows in SQLite, with the events of a batch in the same transaction (R1 to R11)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from zlib import crc32

from adapters.local.store import Store
from shared.errors import Conflict
from shared.ports.clock import Clock
from shared.ports.limits import check_key, encode_batch, query_bounds
from shared.ports.records import ABSENT, ANY, Batch, Delete, Event, Put, Row, Version, Write

SHARDS = 16
MOST_RELAYED = 100  # at once; where fewer waited, the shard is empty

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS rows (
         partition TEXT NOT NULL, row TEXT NOT NULL, version TEXT NOT NULL, body TEXT NOT NULL, expires_at INTEGER,
         PRIMARY KEY (partition, row)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL",
    """CREATE TABLE IF NOT EXISTS outbox (
         shard INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
         PRIMARY KEY (shard, number)) WITHOUT ROWID""",
)
_GET = "SELECT version, body, expires_at FROM rows WHERE partition = ? AND row = ?"
_QUERY = """
    SELECT row, version, body FROM rows
    WHERE partition = ? AND row >= ? AND row < ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY row LIMIT ?
"""
_VERSION = "SELECT version FROM rows WHERE partition = ? AND row = ? AND (expires_at IS NULL OR expires_at > ?)"
_PUT = "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM rows WHERE partition = ? AND row = ?"
_ADD_EVENT = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)"
_PENDING = "SELECT number, id, name, body FROM outbox WHERE shard = ? ORDER BY number LIMIT ?"
_MARK = "DELETE FROM outbox WHERE shard = ? AND number = ?"
_PURGE = """
    DELETE FROM rows WHERE (partition, row) IN
      (SELECT partition, row FROM rows WHERE expires_at IS NOT NULL AND expires_at <= ? LIMIT ?)
"""


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that is stored and not yet forgotten; `place` is where it waits."""

    place: tuple[int, int]
    event: Event


class LocalRecords:
    """The `records` port on one data folder."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        # Filled only after a commit, so that whoever relays meanwhile does not look too early and forget the shard.
        self._touched: SimpleQueue[int] = SimpleQueue()
        for shard in range(SHARDS):  # a process that died may have left events in any
            self._touched.put(shard)
        store.define(SCHEMA)

    def get(self, partition: str, row: str) -> Row | None:
        """Read one row as of the last commit (R5, R7)."""
        check_key(partition, row)
        found = self._store.read(_GET, (partition, row))
        if not found:
            return None
        version, body, expires_at = found[0]
        if expires_at is not None and expires_at <= self._now():
            return None
        return Row(partition, row, version, json.loads(body))

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        """Rows of a partition in byte order (R6)."""
        low, high = query_bounds(partition, prefix, start, end, limit)
        found = self._store.read(_QUERY, (partition, low, high, self._now(), limit))
        return [Row(partition, row, version, json.loads(body)) for row, version, body in found]

    def write(self, batch: Batch) -> dict[str, Version]:
        """Store a batch with its events in one transaction (R3, R4)."""
        bodies, events = encode_batch(batch)
        now, shard = self._now(), shard_of(batch.partition)

        def store_batch(connection: sqlite3.Connection) -> dict[str, Version]:
            versions: dict[str, Version] = {}
            for write, body in zip(batch.writes, bodies, strict=True):
                if write.condition != ANY:
                    _hold_condition(connection, batch.partition, write, now)
                if isinstance(write, Put):
                    versions[write.row] = version = Version(self._store.next_version())
                    connection.execute(_PUT, (batch.partition, write.row, version, body, write.expires_at))
                elif isinstance(write, Delete):
                    connection.execute(_DELETE, (batch.partition, write.row))
            for event, text in zip(batch.events, events, strict=True):
                connection.execute(_ADD_EVENT, (shard, self._store.next_number(), event.id, event.name, text))
            return versions

        try:
            return self._store.transact(store_batch)
        finally:
            if events:
                self._touched.put(shard)

    def relay(self, tell: Callable[[Sequence[Event]], object]) -> int:
        """Hand the events that wait to `tell` and forget them; how many. What it raises leaves a shard's events
        waiting for the next call, and stops no other shard (R9).
        """
        relayed, failed = 0, None
        for shard in sorted(self._take_touched()):
            try:
                relayed += self._relay_shard(shard, tell)
            except Exception as error:  # noqa: BLE001 - raised below, when the other shards have had their turn
                self._touched.put(shard)
                failed = failed or error
        if failed is not None:
            raise failed
        return relayed

    def pending_events(self, shard: int, *, limit: int = MOST_RELAYED) -> Sequence[PendingEvent]:
        """Events of a shard in the order in which they were stored."""
        found = self._store.read(_PENDING, (shard, limit))
        return [
            PendingEvent((shard, number), Event(event_id, name, json.loads(body)))
            for number, event_id, name, body in found
        ]

    def mark_published(self, pending: Sequence[PendingEvent]) -> None:
        """Forget events; a loss of power may bring the last ones back, and they are told again (E1)."""
        places = [each.place for each in pending]
        if places:
            self._store.transact(lambda connection: connection.executemany(_MARK, places), durable=False)

    def purge_expired(self, *, limit: int = 500) -> int:
        """Remove up to `limit` rows that have expired, which nobody can read any more; how many were removed."""
        now = self._now()
        return self._store.transact(
            lambda connection: int(connection.execute(_PURGE, (now, limit)).rowcount), durable=False
        )

    def _take_touched(self) -> set[int]:
        """The shards that may have new events since the last call; all of them after opening."""
        return {self._touched.get_nowait() for _ in range(self._touched.qsize())}

    def _relay_shard(self, shard: int, tell: Callable[[Sequence[Event]], object]) -> int:
        relayed = 0
        while pending := self.pending_events(shard):
            tell([each.event for each in pending])
            self.mark_published(pending)
            relayed += len(pending)
            if len(pending) < MOST_RELAYED:
                break
        return relayed

    def _now(self) -> int:
        return self._clock.now() // 1000


def shard_of(partition: str) -> int:
    """The shard that a partition's events wait in, 0 to 15."""
    return crc32(partition.encode()) % SHARDS


def _hold_condition(connection: sqlite3.Connection, partition: str, write: Write, now: int) -> None:
    """An expired row is absent here as it is on read, or its key could never be written again (R7)."""
    found = connection.execute(_VERSION, (partition, write.row, now)).fetchone()
    if (found[0] if found else ABSENT) != write.condition:
        expected = "to be absent" if write.condition == ABSENT else "at the version that was read"
        raise Conflict(f"row {partition}|{write.row} is not {expected}")
