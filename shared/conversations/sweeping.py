"""What to do about a due row, by its kind; each answers the rows that say when to look again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.conversations.due import Due, make_due
from shared.conversations.follow_up import come_back
from shared.conversations.promises import keep_promises
from shared.conversations.unanswered import look_for_answer
from shared.domain.sla import ServiceLevels
from shared.ports.queue import Queue
from shared.ports.records import Put, Records


@dataclass(frozen=True, slots=True)
class Sweep:
    """One run: at most 125 rows of each of the desk's four shards."""

    tenant: str
    now: int
    records: Records
    queue: Queue
    levels: ServiceLevels
    close_after: int


def _deadlines(sweep: Sweep, due: Due) -> tuple[Put, ...]:
    next_at = keep_promises(sweep.records, sweep.levels, sweep.tenant, due.conversation, sweep.now)
    return (make_due(next_at, due.conversation, "sla"),) if next_at else ()


def _answer(sweep: Sweep, due: Due) -> tuple[Put, ...]:
    return look_for_answer(sweep.records, sweep.queue, sweep.tenant, due, sweep.now, sweep.close_after)


LOOKS: dict[str, Callable[[Sweep, Due], tuple[Put, ...]]] = {
    "turn": _answer,
    "sla": _deadlines,
    "follow_up": lambda sweep, due: come_back(sweep.records, sweep.tenant, due, sweep.now),
}
