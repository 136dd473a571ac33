"""Due rows: when somebody has to look at a conversation again. A hint, never the truth: whoever comes reads the head.

They stand beside the desk's rows, so that one batch keeps both, as `DUE|<epoch ms>|<conversation>|<kind>`:

    turn       a message came a while ago; has it its answer?
    sla        a warning or a breach may have come
    follow_up  we promised to come back
    close      (`CLOSE|…`) it was resolved long ago; nobody has written since

A turn that resolves writes no row of its own: whoever looks for its answer finds it, and notes when to close.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.domain.events import MESSAGE_RECEIVED, TURN_COMMITTED
from shared.domain.hours import MINUTE
from shared.ports.records import Batch, Body, Delete, Put, Records, Write

DUE, CLOSE = "DUE", "CLOSE"
LOOK_AGAIN_MS = 6 * MINUTE  # longer than a turn's lease, so that a turn that still has it has died
LONGEST_PAUSE_MS = 6 * 60 * MINUTE
RETRY_MS = MINUTE
IDLE = ("pending_customer", "resolved", "closed")  # nothing is owed to a conversation that stands like this
DIGITS = 15
ROWS_A_BATCH = 12  # conversations; each takes up to four rows


@dataclass(frozen=True, slots=True)
class Due:
    """A due row as it was read; `at` in epoch milliseconds."""

    partition: str
    row: str
    at: int
    conversation: str
    kind: str
    body: Body


@dataclass(frozen=True, slots=True)
class Settled:
    """A due row that was looked at, and the rows that follow from it."""

    due: Due
    later: tuple[Put, ...] = ()


def make_due(at: int, conversation: str, kind: str, **body: object) -> Put:
    """A row for `at`; two messages of a conversation in one millisecond have two rows."""
    parts = [CLOSE if kind == "close" else DUE, f"{max(at, 0):0{DIGITS}d}", conversation, kind]
    return Put("|".join([*parts, str(body["message"])] if "message" in body else parts), dict(body))


def look_later(at: int, conversation: str, message: str, looks: int = 0) -> Put:
    """When to look for the answer of a message after so many looks: six minutes, and less and less often in the end."""
    pause = min(LOOK_AGAIN_MS * 2 ** max(0, looks - 2), LONGEST_PAUSE_MS)
    return make_due(at + pause, conversation, "turn", message=message, looks=looks)


def due_after(name: str, body: Body, close_after: int) -> tuple[Put, ...]:
    """The rows that one event asks for; the first look at deadlines is at once, and finds out when the next is due.

    `close_after` is how long a resolved ticket stays open, in milliseconds.
    """
    at, conversation, status = body["at"], body["conversation"], body.get("status")
    if name == MESSAGE_RECEIVED:
        return (look_later(at, conversation, body["message"]),)
    rows: list[Put] = []
    if status and status not in IDLE:
        rows.append(make_due(at, conversation, "sla"))
    if status == "resolved" and name != TURN_COMMITTED:
        rows.append(make_due(at + close_after, conversation, "close"))
    if body.get("follow_up"):
        rows.append(make_due(at + body["follow_up"] * MINUTE, conversation, "follow_up", turn=body["turn"]))
    return tuple(rows)


def read_due(records: Records, partition: str, now: int, *, prefix: str = DUE, limit: int = 125) -> list[Due]:
    """What is due in one shard at `now`, the longest overdue first."""
    rows = records.query(partition, start=f"{prefix}|", end=f"{prefix}|{now + 1:0{DIGITS}d}", limit=limit)
    return [Due(partition, row.row, *_read_name(row.row), row.body) for row in rows]


def _read_name(row: str) -> tuple[int, str, str]:
    _, at, conversation, kind = row.split("|")[:4]
    return int(at), conversation, kind


def settle_due(records: Records, settled: Sequence[Settled]) -> None:
    """Delete rows that were looked at and write what follows, each with its own in one batch: no hint is lost."""
    for group in _groups(settled):
        writes: dict[str, Write] = {each.due.row: Delete(each.due.row) for each in group}
        writes |= {put.row: put for each in group for put in each.later}
        records.write(Batch(group[0].due.partition, tuple(writes.values())))


def _groups(settled: Sequence[Settled]) -> Iterable[Sequence[Settled]]:
    """A batch is one partition and few rows; a shard's rows come together."""
    start = 0
    while start < len(settled):
        partition = settled[start].due.partition
        end = start
        while end < min(len(settled), start + ROWS_A_BATCH) and settled[end].due.partition == partition:
            end += 1
        yield settled[start:end]
        start = end
