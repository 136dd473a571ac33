"""Committing a turn: its row, then one conditional update of the head. A row that no head names was never said."""

from __future__ import annotations

from collections.abc import Sequence
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
# What the stored row says of the head; whoever finishes the commit finishes it from here.
ENDS = ("outcome", "owner", "status", "ticket", "clarified", "escalation", "tells")


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
    commit = _Commit(records, tenant, conversation, turn, now)
    for _ in range(COMMIT_TRIES):
        head, version = need_head(records, tenant, conversation)
        settled = commit.find_settled(head)
        if settled is not None:
            return settled
        stored = commit.store(end, [message.id for message in messages], head.said)
        try:
            return commit.move_head(stored, end, head, version)
        except Conflict:
            continue
    raise Retry("the head kept moving")


@dataclass(frozen=True, slots=True)
class _Commit:
    """One turn about to end; `move_head` says what its stored row says, whoever wrote that."""

    records: Records
    tenant: str
    conversation: str
    turn: TurnRef
    now: int

    @property
    def row(self) -> str:
        return turn_row(self.turn.n, self.turn.fence)

    def find_settled(self, head: Head) -> Committed | None:
        """What an earlier try of this commit, or a rival, has already made of the head."""
        if head.said == self.row:
            return Committed("committed")
        if head.fence != self.turn.fence:
            return Committed("lost")
        if head.n == self.turn.n + 1 and not self.turn.again and head.execution:  # without one, a rival has ended it
            return Committed("moved", self._payload(head))
        return None if head.n == self.turn.n else Committed("lost")

    def store(self, end: TurnEnd, answers: list[str], before: str) -> Body:
        """Write the turn's row; the first writer's row counts. `before` names the turn that was said before it."""
        ends = {name: getattr(end, name) for name in ENDS}
        body = end.row | ends | {"answers": answers, "at": self.now, "before": before}
        body |= {"n": self.turn.n, "fence": self.turn.fence}
        partition = conversation_partition(self.tenant, self.conversation)
        try:
            self.records.write(Batch(partition, (Put(self.row, body, ABSENT),)))
        except Conflict:  # an earlier run of this very step stored it: what it decided stands
            found = self.records.get(partition, self.row)
            if found is None:
                raise
            return found.body
        return body

    def move_head(self, stored: Body, end: TurnEnd, head: Head, version: Version) -> Committed:
        """Begin again where somebody wrote meanwhile, else let the head name the row; raises Conflict."""
        answered = tuple(stored["answers"])
        if end.patient and not self.turn.again and set(head.arrived) - set(answered):
            moved = replace(head, n=head.n + 1, lease=self.now + LEASE_MS)
            write_head(self.records, self.tenant, self.conversation, moved, version)
            return Committed("moved", self._payload(moved))
        ended = self._end(stored, head, answered)
        packet = () if end.packet is None else (Put(handoff_row(self.turn.n), end.packet),)
        events = (self._told(stored, ended), *end.events, *self._still_waiting(ended))
        write_head(self.records, self.tenant, self.conversation, ended, version, events=events, also=packet)
        return Committed("committed")

    def _end(self, stored: Body, head: Head, answered: tuple[str, ...]) -> Head:
        owner = head.owner if stored["owner"] is None else stored["owner"]
        status = move_ticket(head.status, stored["status"])
        return replace(
            domain.end_turn(head, said=self.row, owner=owner, status=status, answered=answered),
            ticket=stored["ticket"] or head.ticket,
            clarified=stored["clarified"],
            escalation=stored["escalation"] or head.escalation,
        )

    def _payload(self, head: Head) -> dict[str, Any]:
        messages = read_messages(self.records, self.tenant, self.conversation, head.arrived)
        return build_payload(self.tenant, self.conversation, head, messages, again=1)

    def _told(self, stored: Body, ended: Head) -> Event:
        where = {"tenant": self.tenant, "conversation": self.conversation, "turn": self.row, "n": self.turn.n}
        facts = {"outcome": stored["outcome"], "status": ended.status, "owner": ended.owner, "ticket": ended.ticket}
        facts |= {"customer": ended.customer, "channel": ended.channel, "at": self.now}
        facts |= {"linked": ended.linked} if ended.linked else {}
        return Event(f"{self.conversation}-{self.row}", TURN_COMMITTED, stored["tells"] | where | facts)

    def _still_waiting(self, ended: Head) -> tuple[Event, ...]:
        """A message that this commit does not answer is looked at again."""
        return tuple(
            Event(
                f"{self.conversation}-{message}-after-{self.row}",
                MESSAGE_RECEIVED,
                {"tenant": self.tenant, "conversation": self.conversation, "message": message, "at": self.now},
            )
            for message in ended.arrived[:1]
        )
