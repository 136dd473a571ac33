"""A batch as DynamoDB's operations, each of the shape that both TransactWriteItems and the single requests take."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.aws.records_items import Item, condition_of, item_of, key_of, text_of
from shared.errors import TooLarge
from shared.ports.limits import encode_batch
from shared.ports.records import ANY, Batch, Check, Put, Version, Write

MOST_RIDING_BYTES = 200_000  # of events in an item beside a body of at most 120,000; DynamoDB takes 400 KB
MOST_OPERATIONS = 100
MOST_TRANSACTION_BYTES = 4_000_000  # DynamoDB takes 4 MB; keys and names fit in the difference to 4 MiB
EVENT_ROW_SECONDS = 86_400  # a stream keeps its records for a day, whether the row still stands or not


@dataclass(frozen=True, slots=True)
class Plan:
    """What one batch asks of DynamoDB: operations as `(Put | Delete | ConditionCheck, parameters)`."""

    operations: list[tuple[str, Item]]
    versions: dict[str, Version]


def plan_batch(batch: Batch, table: str, now: int) -> Plan:
    """Hold a batch to the limits and plan it; `now` in epoch seconds. Raises InvalidInput or TooLarge (R11)."""
    bodies, event_bodies = encode_batch(batch)
    events = list(map(text_of, batch.events, event_bodies))
    _hold_to_bytes(bodies + events)
    seated = _has_a_seat(batch.writes, events)
    riding = events if seated else []
    plan = Plan([], {})
    for write, body in zip(batch.writes, bodies, strict=True):
        if isinstance(write, Put):
            plan.versions[write.row] = version = new_version()
            item = item_of(batch.partition, write.row, version, body, write.expires_at, riding)
            plan.operations.append(("Put", {"TableName": table, "Item": item, **_held(write, now)}))
            riding = []
        elif (kind := _kind_of(write)) is not None:
            key = key_of(batch.partition, write.row)
            plan.operations.append((kind, {"TableName": table, "Key": key, **_held(write, now)}))
    plan.operations.extend(() if seated else _event_rows(batch.partition, table, events, now))
    if len(plan.operations) > MOST_OPERATIONS:
        raise TooLarge(f"batch of {len(plan.operations)} operations, at most {MOST_OPERATIONS}: send fewer events")
    return plan


def _kind_of(write: Write) -> str | None:
    """DynamoDB's word for a write that is no Put; None for a check that holds anyway."""
    if not isinstance(write, Check):
        return "Delete"
    return None if write.condition == ANY else "ConditionCheck"


def new_version() -> Version:
    """96 random bits, so that no version comes back, whoever writes (R3)."""
    return Version(os.urandom(12).hex())


def event_partition(partition: str) -> str:
    """Where events stand that no row can carry: beside the partition, under a key that R1 gives to nobody."""
    return f"#{partition}"


def _has_a_seat(writes: Sequence[Write], events: Sequence[str]) -> bool:
    """Whether the first Put can carry every event."""
    return any(isinstance(write, Put) for write in writes) and _bytes(events) <= MOST_RIDING_BYTES


def _event_rows(partition: str, table: str, events: Sequence[str], now: int) -> Iterator[tuple[str, Item]]:
    batch = new_version()
    for number, text in enumerate(events):
        beside, row = event_partition(partition), f"EV|{batch}|{number:03}"
        item = item_of(beside, row, new_version(), "{}", now + EVENT_ROW_SECONDS, [text])
        yield "Put", {"TableName": table, "Item": item}


def _held(write: Write, now: int) -> Item:
    return {} if write.condition == ANY else condition_of(write.condition, now)


def _hold_to_bytes(texts: Sequence[str]) -> None:
    if (size := _bytes(texts)) > MOST_TRANSACTION_BYTES:
        raise TooLarge(f"batch of {size} bytes, at most {MOST_TRANSACTION_BYTES}: write fewer rows at once")


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(text) if text.isascii() else len(text.encode()) for text in texts)
