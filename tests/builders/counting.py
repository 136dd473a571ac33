"""The local platform with ports that count their requests by handler, in the units that DynamoDB charges."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.local.events import LocalEvents
from adapters.local.platform import Platform
from adapters.local.queue import LocalQueue
from adapters.local.records import LocalRecords
from adapters.local.seeding import seed_articles
from shared.dispatch import Application
from shared.manifest import SUBSCRIPTIONS
from shared.ports.queue import QueueMessage
from shared.ports.records import Batch, Event, Put, Row, Version
from shared.settings import Settings

WRITE_UNIT, READ_UNIT = 1024, 4096


@dataclass
class Bill:
    """Requests and units by (kind, handler); kinds are read, write, event and a queue's name."""

    at: str = ""
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, kind: str, units: int = 1) -> None:
        self.requests[kind, self.at] += 1
        self.units[kind, self.at] += units

    def count(self, kind: str, *, but: Sequence[str] = (), of: Sequence[str] = ()) -> tuple[int, int]:
        """Requests and units of a kind, by these handlers or by all but those."""
        chosen = [key for key in self.requests if key[0] == kind and key[1] not in but and (not of or key[1] in of)]
        return sum(self.requests[key] for key in chosen), sum(self.units[key] for key in chosen)


class CountedRecords(LocalRecords):
    """Strong reads cost a unit a 4 KB begun; writes a unit a KB begun and row, twice that in a batch of several."""

    bill: Bill

    def get(self, partition: str, row: str) -> Row | None:
        found = super().get(partition, row)
        self.bill.note("read", _read_units([found] if found else []))
        return found

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        found = super().query(partition, prefix=prefix, start=start, end=end, limit=limit)
        self.bill.note("read", _read_units(found))
        return found

    def write(self, batch: Batch) -> dict[str, Version]:
        sizes = [len(json.dumps(write.body)) if isinstance(write, Put) else 1 for write in batch.writes]
        units = sum(-(-size // WRITE_UNIT) for size in sizes)
        self.bill.note("write", units * (2 if len(sizes) > 1 else 1))
        return super().write(batch)


class CountedQueue(LocalQueue):
    bill: Bill

    def send(self, queue: str, body: dict[str, Any], *, group: str, delay_seconds: int = 0) -> None:
        self.bill.note(queue)
        super().send(queue, body, group=group, delay_seconds=delay_seconds)

    def receive(self, queue: str, now: int) -> QueueMessage | None:
        found = super().receive(queue, now)
        if found is not None:  # an empty poll is nobody's ticket
            self.bill.note(queue)
        return found

    def delete(self, message: QueueMessage) -> None:
        self.bill.note(message.queue)
        super().delete(message)


class CountedEvents(LocalEvents):
    bill: Bill

    def publish(self, events: Sequence[Event]) -> None:
        self.bill.note("event", len(events))
        super().publish(events)


class CountedApplication(Application):
    """Says on the bill who is at work."""

    bill: Bill

    def call(self, name: str, payload: Any) -> Any:
        before, self.bill.at = self.bill.at, name
        try:
            return super().call(name, payload)
        finally:
            self.bill.at = before


def open_counted(folder: Path) -> tuple[Platform, Bill]:
    """A platform with its articles whose bill is still empty."""
    platform, bill = Platform(folder, Settings()), Bill()
    ports, clock = platform.provider, platform.provider.clock
    records, queue = CountedRecords(ports.store, clock), CountedQueue(ports.store, clock)
    events = CountedEvents(queue, clock, SUBSCRIPTIONS)
    records.bill = queue.bill = events.bill = bill
    platform.provider = replace(ports, records=records, queue=queue, events=events)
    platform.app = CountedApplication(platform.provider, platform.app.company)
    platform.app.bill = bill
    seed_articles(platform, Settings().tenant)
    platform.pump()
    bill.requests.clear()
    bill.units.clear()
    return platform, bill


def _read_units(rows: Sequence[Row]) -> int:
    size = sum(len(row.partition) + len(row.row) + len(json.dumps(row.body)) for row in rows)
    return max(1, -(-size // READ_UNIT))
