"""Rows that survive everything: the only store that decides anything.

R1  A key is (partition, row), each printable ASCII without `/ \\ # ?`, parts separated by `|`, together ≤ 500 bytes;
    rows sort in byte order.
R2  A body is one JSON object of ≤ 30,000 characters without floats.
R3  A write's condition is ABSENT, a version that was read, or ANY; versions are opaque and never repeat.
R4  A batch is one partition, ≤ 50 rows, each at most once, all or nothing, together with its events; a check counts
    as a write.
R5  Point reads and partition queries are strongly consistent; pages of a query are no snapshot.
R6  A query is one partition by row prefix or row range, ascending; there is no secondary index.
R7  An expired row is absent on read; expiry is never used for safety.
R8  Errors: Conflict, Uncertain, Throttled(after), TooLarge. A Conflict may be the caller's own earlier try, so rows
    carry a writer id and are read again.
R9  Every event of a stored batch reaches `intake.relay` at least once, none of a refused batch does, and finding them
    takes no scan. How is the provider's own business: an outbox that is polled, or a stream.
R10 The store offers no time; callers bring their own.
R11 The port enforces these limits itself, before anything is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NewType, Protocol

Version = NewType("Version", str)
Body = dict[str, Any]

ANY: Final = Version("*")
ABSENT: Final = Version("")

MAX_KEY_BYTES = 500
MAX_BODY_CHARACTERS = 30_000
MAX_BATCH_ROWS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One stored row as it was read."""

    partition: str
    row: str
    version: Version
    body: Body


@dataclass(frozen=True, slots=True)
class Event:
    """A fact to publish; `id` makes every delivery of it recognisable."""

    id: str
    name: str
    body: Body


@dataclass(frozen=True, slots=True)
class Put:
    """Write `body` if `condition` holds; `expires_at` is epoch seconds on the caller's clock."""

    row: str
    body: Body
    condition: Version = ANY
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    row: str
    condition: Version = ANY


@dataclass(frozen=True, slots=True)
class Check:
    """Hold the batch to `condition` without changing the row."""

    row: str
    condition: Version


Write = Put | Delete | Check


@dataclass(frozen=True, slots=True)
class Batch:
    """What one atomic write does; events are published if and only if it is stored."""

    partition: str
    writes: Sequence[Write]
    events: Sequence[Event] = field(default=())


class Records(Protocol):
    """The platform's memory; promises R1 to R11 above."""

    def get(self, partition: str, row: str) -> Row | None:
        """Read one row, strongly (R5); None where it is absent or expired (R7)."""
        ...

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        """Rows of a partition by `prefix`, or with `start` ≤ row < `end`, ascending (R6)."""
        ...

    def write(self, batch: Batch) -> dict[str, Version]:
        """Store a batch atomically (R4) and return the new version of each row put; raises Conflict (R3, R8)."""
        ...
