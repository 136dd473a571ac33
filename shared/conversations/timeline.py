"""What has happened on a conversation, read from its rows: what its deadlines depend on, and when it was last alive."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.conversations.head import head_from_body
from shared.conversations.keys import HEAD, conversation_partition
from shared.domain.conversation import Head
from shared.domain.sla import DONE, PAUSED, Stage, TicketFacts
from shared.domain.ticket import PRIORITIES
from shared.ports.records import Body, Records, Row, Version

PAGE = 500
# Outcomes that answer the customer, or need no answer; an interim reply does not, nor does silence.
ANSWERING = frozenset({"resolved", "clarifying", "ignored"})
UNREAD_PRIORITY, UNKNOWN_TIER = "P2", "bronze"
WAITING_FOR_THEM = PAUSED | {"resolved"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """`told` maps SLA rows to the stage that was told and the row's version; `last` is when anybody last spoke."""

    head: Head
    version: Version
    priority: str
    tier: str
    facts: TicketFacts
    told: Mapping[str, tuple[Stage, Version]]
    last: int


@dataclass(frozen=True, slots=True)
class _Step:
    """Somebody on our side did something: a turn was said or an operator wrote."""

    at: int
    status: str
    answers: tuple[str, ...]
    replies: bool


@dataclass(frozen=True, slots=True)
class _Arrival:
    id: str
    at: int


def read_timeline(records: Records, tenant: str, conversation: str) -> Timeline | None:
    """A conversation's timeline in one read; None where nobody has looked at it yet."""
    rows = {row.row: row for row in _read_rows(records, conversation_partition(tenant, conversation))}
    if HEAD not in rows:
        return None
    head = head_from_body(rows[HEAD].body)
    turns = _since(head, said_turns(_bodies(rows, "TURN|"), head.said))
    written = _since(head, _bodies(rows, "OUT|").values())
    steps = sorted([*map(_from_turn, turns), *map(_from_words, written)], key=lambda step: step.at)
    arrivals = _arrivals(rows)
    return Timeline(
        head,
        rows[HEAD].version,
        _priority(turns),
        _tier(turns),
        _facts(head, arrivals, steps),
        _told(rows),
        max([arrival.at for arrival in arrivals] + [step.at for step in steps] + [head.opened]),
    )


def _since(head: Head, bodies: Iterable[Body]) -> list[Body]:
    """What belongs to this ticket, and not to the closed one before it."""
    return [body for body in bodies if not head.linked or body["at"] >= head.opened]


def _bodies(rows: Mapping[str, Row], prefix: str) -> dict[str, Body]:
    return {name: row.body for name, row in rows.items() if name.startswith(prefix)}


def _told(rows: Mapping[str, Row]) -> dict[str, tuple[Stage, Version]]:
    return {name: (row.body["stage"], row.version) for name, row in rows.items() if name.startswith("SLA|")}


def said_turns(rows: Mapping[str, Body], said: str) -> list[Body]:
    """The committed turns, newest first, each with its `row`: the head names the last, each the one before it."""
    turns, name = [], said
    while name in rows:
        turns.append(rows[name] | {"row": name})
        name = rows[name]["before"]
    return turns


def read_said_turns(records: Records, tenant: str, conversation: str, head: Head) -> list[Body]:
    """The same from the store."""
    rows = _read_rows(records, conversation_partition(tenant, conversation), "TURN|")
    return said_turns({row.row: row.body for row in rows}, head.said)


def _read_rows(records: Records, partition: str, prefix: str = "") -> list[Row]:
    rows: list[Row] = []
    start, end = prefix, f"{prefix[:-1]}}}" if prefix else "~"
    while page := records.query(partition, start=start, end=end, limit=PAGE):
        rows += page
        if len(page) < PAGE:
            break
        start = page[-1].row + " "
    return rows


def _arrivals(rows: Mapping[str, Row]) -> list[_Arrival]:
    """What the customer wrote and should hear an answer to."""
    bodies = _bodies(rows, "IN|").values()
    return [_Arrival(body["id"], body["at"]) for body in bodies if body["kind"] == "customer" and not body["ignored"]]


def _from_turn(turn: Body) -> _Step:
    status = turn.get("status", "escalated")
    return _Step(turn["at"], status, tuple(turn["answers"]), turn["outcome"] in ANSWERING)


def _from_words(words: Body) -> _Step:
    return _Step(words["at"], words.get("status", "pending_customer"), (), replies=True)


def _priority(turns: Sequence[Body]) -> str:
    """The most urgent that was read; a decision or a follow-up has nothing to read."""
    read = [turn["priority"] for turn in turns if turn["intents"] or turn["outcome"] == "parked"]
    return min(read, key=PRIORITIES.index, default=UNREAD_PRIORITY)


def _tier(turns: Sequence[Body]) -> str:
    """As the newest turn that asked for it found it."""
    return next((tells["tier"] for turn in turns if (tells := turn.get("tells", {})).get("tier")), UNKNOWN_TIER)


def _facts(head: Head, arrivals: Sequence[_Arrival], steps: Sequence[_Step]) -> TicketFacts:
    taken = _answered(steps) | set(head.answered)
    fresh = [each.at for each in arrivals if each.id not in taken]
    reopened = fresh and head.status in WAITING_FOR_THEM
    waiting = fresh if head.status in DONE else fresh + _unanswered(arrivals, steps, taken)
    return TicketFacts(
        opened=head.opened,
        status="open" if reopened else head.status,
        first_reply=next((step.at for step in steps if step.replies), 0),
        waiting_since=min(waiting, default=0),
        pauses=_pauses(arrivals, steps),
    )


def _answered(steps: Iterable[_Step]) -> set[str]:
    return {message for step in steps for message in step.answers}


def _unanswered(arrivals: Sequence[_Arrival], steps: Sequence[_Step], taken: set[str]) -> list[int]:
    """Messages that got an interim reply or none, and nothing better since."""
    replies = [step for step in steps if step.replies]
    open_ids = taken - _answered(replies)
    last = max([step.at for step in replies], default=0)
    return [each.at for each in arrivals if each.id in open_ids and each.at > last]


def _pauses(arrivals: Sequence[_Arrival], steps: Sequence[_Step]) -> tuple[tuple[int, int], ...]:
    """Finished periods in which it waited for the customer: until they wrote, or until we went on all the same."""
    ends = sorted([each.at for each in arrivals] + [step.at for step in steps if step.status not in WAITING_FOR_THEM])
    begins = [step.at for step in steps if step.status in WAITING_FOR_THEM]
    return tuple((since, ends[place]) for since in begins if (place := bisect_right(ends, since)) < len(ends))
