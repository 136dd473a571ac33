"""Committing a turn: its row, then one conditional update of the head. A row that no head names was never said."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from shared.conversations.claim import LEASE_MS, build_payload
from shared.conversations.head import need_head, write_head
from shared.conversations.inbox import read_messages
from shared.conversations.keys import conversation_partition, handoff_row, turn_row
from shared.domain import conversation as domain
from shared.domain.conversation import Head
from shared.domain.events import MESSAGE_RECEIVED, TURN_COMMITTED
from shared.domain.finding import MessageRef, TurnRef
from shared.domain.ticket import move_ticket
from shared.errors import Conflict, Retry
from shared.ports.records import ABSENT, Batch, Body, Event, Put, Records, Version

COMMIT_TRIES = 5


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """How a turn ends: `row` is what is kept of it, `tells` what its event says, the rest goes into the head.

    `owner` None leaves the owner as it is; `packet` is the handoff's row; `events` ride in the same commit.
    """

    outcome: str
    status: str
    row: Body
    owner: str | None = None
    ticket: str = ""
    clarified: int = 0
    escalation: int = 0
    packet: Body | None = None
    events: tuple[Event, ...] = ()
    tells: Body = field(default_factory=dict)
    patient: bool = True


@dataclass(frozen=True, slots=True)
class Committed:
    """`committed`, `moved` (begin again with `next`), or `lost` (another execution or an operator has the turn)."""

    result: str
    next: dict[str, Any] = field(default_factory=dict)


def commit_turn(
    records: Records,
    tenant: str,
    conversation: str,
    turn: TurnRef,
    messages: Sequence[MessageRef],
    end: TurnEnd,
    *,
    now: int,
) -> Committed:
    """Store how a turn ended, once; safe to repeat with the same turn (I15)."""
    answers = tuple(message.id for message in messages)
    name = turn_row(turn.n, turn.fence)
    for attempt in range(COMMIT_TRIES):
        head, version = need_head(records, tenant, conversation)
        if head.said == name:
            return Committed("committed")
        if head.fence != turn.fence or head.n != turn.n:
            return Committed("lost")
        if not attempt:
            facts = {"outcome": end.outcome, "answers": list(answers), "at": now, "before": head.said}
            store_turn(records, tenant, conversation, name, end.row | facts, turn, end.packet)
        arrived = [message for message in head.arrived if message not in answers]
        try:
            if arrived and end.patient and not turn.again:
                return _begin_again(records, tenant, conversation, head, version, now)
            _write_end(records, tenant, conversation, turn, end, head, version, answers, now)
        except Conflict:
            continue
        return Committed("committed")
    raise Retry("the head kept moving")


def store_turn(
    records: Records, tenant: str, conversation: str, name: str, body: Body, turn: TurnRef, packet: Body | None
) -> None:
    """Write the turn's row, with its handoff where there is one; `before` names the turn that was said before it."""
    writes = [Put(name, body | {"n": turn.n, "fence": turn.fence}, ABSENT)]
    if packet is not None:
        writes.append(Put(handoff_row(turn.n), packet))
    with suppress(Conflict):  # an earlier run of this very step stored it: what it decided stands
        records.write(Batch(conversation_partition(tenant, conversation), writes))


def _begin_again(records: Records, tenant: str, conversation: str, head: Head, version: Version, now: int) -> Committed:
    """Someone wrote meanwhile: the same execution goes on as the next turn, with every waiting message."""
    moved = replace(head, n=head.n + 1, lease=now + LEASE_MS)
    write_head(records, tenant, conversation, moved, version)
    messages = read_messages(records, tenant, conversation, moved.arrived)
    return Committed("moved", build_payload(tenant, conversation, moved, messages, again=1))


def _write_end(
    records: Records,
    tenant: str,
    conversation: str,
    turn: TurnRef,
    end: TurnEnd,
    head: Head,
    version: Version,
    answers: tuple[str, ...],
    now: int,
) -> None:
    name = turn_row(turn.n, turn.fence)
    owner = head.owner if end.owner is None else end.owner
    status = move_ticket(head.status, end.status)
    ended = domain.end_turn(head, said=name, owner=owner, status=status, answered=answers)
    ended = replace(
        ended, ticket=end.ticket or head.ticket, clarified=end.clarified, escalation=end.escalation or head.escalation
    )
    where = {"tenant": tenant, "conversation": conversation, "turn": name, "n": turn.n, "at": now}
    facts = {"outcome": end.outcome, "status": status, "owner": owner, "ticket": ended.ticket}
    told = Event(
        f"{conversation}-{name}",
        TURN_COMMITTED,
        end.tells | where | facts | {"customer": head.customer, "channel": head.channel},
    )
    again = tuple(_still_waiting(tenant, conversation, message, now) for message in ended.arrived[:1])
    write_head(records, tenant, conversation, ended, version, events=(told, *end.events, *again))


def _still_waiting(tenant: str, conversation: str, message: str, now: int) -> Event:
    where = {"tenant": tenant, "conversation": conversation, "message": message, "at": now}
    return Event(f"{conversation}-{message}-again", MESSAGE_RECEIVED, where)
