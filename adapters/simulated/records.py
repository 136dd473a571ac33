"""Rows in memory (R1 to R11); what is stored outlives every simulated process."""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.errors import Conflict
from shared.ports.clock import Clock
from shared.ports.limits import check_key, encode_batch, query_bounds
from shared.ports.records import ABSENT, ANY, Batch, Delete, Event, Put, Row, Version, Write

Copy = dict[str, dict[str, "Stored"]]
Watch = Callable[[Batch, dict[str, "Stored | None"]], None]


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it is kept: its body as JSON text, so that nobody shares it."""

    version: Version
    text: str
    expires_at: int | None


class SimulatedRecords:
    """The `records` port; `watch` sees each stored batch with the rows as they were before it, and rows that expire are
    gone `early_ms` before their time.
    """

    def __init__(self, clock: Clock, watch: Watch | None = None, *, early_ms: int = 0) -> None:
        self._clock, self._watch, self._early_ms = clock, watch, early_ms
        self._partitions: dict[str, dict[str, Stored]] = {}
        self._order: dict[str, list[str]] = {}
        self._count = 0
        self._outbox: deque[Event] = deque()

    def get(self, partition: str, row: str) -> Row | None:
        check_key(partition, row)
        found = self._find(partition, row)
        return None if found is None else Row(partition, row, found.version, json.loads(found.text))

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        low, high = query_bounds(partition, prefix, start, end, limit)
        order, rows = self._order.get(partition, []), []
        for name in order[bisect_left(order, low) : bisect_left(order, high)]:
            found = self._find(partition, name)
            if found is not None:
                rows.append(Row(partition, name, found.version, json.loads(found.text)))
                if len(rows) == limit:
                    break
        return rows

    def write(self, batch: Batch) -> dict[str, Version]:
        """Store a batch with its events, all or nothing."""
        texts, events = encode_batch(batch)
        before = {write.row: self._find(batch.partition, write.row) for write in batch.writes}
        for write in batch.writes:
            _hold(batch.partition, write, before[write.row])
        versions = self._store(batch, texts)
        self._outbox.extend(Event(e.id, e.name, json.loads(text)) for e, text in zip(batch.events, events, strict=True))
        if self._watch is not None:
            self._watch(batch, before)
        return versions

    def relay(self, tell: Callable[[Sequence[Event]], object]) -> int:
        """Hand the events that wait to `tell` and forget them; what it raises leaves them waiting (R9)."""
        events = list(self._outbox)
        if events:
            tell(events)
            for event in events:  # another relay may have told and forgotten some of them meanwhile
                if event in self._outbox:
                    self._outbox.remove(event)
        return len(events)

    @property
    def untold(self) -> int:
        """How many events wait."""
        return len(self._outbox)

    def partitions(self) -> list[str]:
        """Every partition that has a row, for whoever checks the whole."""
        return sorted(self._partitions)

    def texts(self, partition: str) -> list[str]:
        """Every body of a partition as it is kept."""
        return [each.text for each in self._partitions[partition].values()]

    def copy(self) -> Copy:
        """Everything as it is now, as a backup keeps it; what waits to be told is no part of it."""
        return {name: dict(rows) for name, rows in self._partitions.items()}

    def restore(self, copy: Copy, tenant: str) -> None:
        """Put back one tenant's rows; versions go on from where they are, so that none repeats."""
        for name in [name for name in self._partitions if name.startswith(f"T|{tenant}|")]:
            del self._partitions[name], self._order[name]
        for name, rows in copy.items():
            if name.startswith(f"T|{tenant}|"):
                self._partitions[name], self._order[name] = dict(rows), sorted(rows)

    def _store(self, batch: Batch, texts: Sequence[str]) -> dict[str, Version]:
        rows = self._partitions.setdefault(batch.partition, {})
        order = self._order.setdefault(batch.partition, [])
        versions: dict[str, Version] = {}
        for write, text in zip(batch.writes, texts, strict=True):
            if isinstance(write, Put):
                if write.row not in rows:
                    insort(order, write.row)
                self._count += 1
                versions[write.row] = Version(f"v{self._count}")
                rows[write.row] = Stored(versions[write.row], text, write.expires_at)
            elif isinstance(write, Delete) and rows.pop(write.row, None) is not None:
                order.remove(write.row)
        return versions

    def _find(self, partition: str, row: str) -> Stored | None:
        found = self._partitions.get(partition, {}).get(row)
        if found is None or found.expires_at is None or found.expires_at > (self._clock.now() + self._early_ms) // 1000:
            return found
        return None


def _hold(partition: str, write: Write, found: Stored | None) -> None:
    if write.condition != ANY and (found.version if found else ABSENT) != write.condition:
        raise Conflict(f"row {partition}|{write.row} is not as expected")
