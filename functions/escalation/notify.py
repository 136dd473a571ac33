"""A customer wrote while an operator owns the conversation: commit the message to them; the AI stays silent."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.listeners import find_listeners
from shared.agents.ending import make_row, make_tells, read_reading
from shared.conversations.reading import StepAnswer, TurnState
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Records

WAITED_FOR_THEM = ("pending_customer", "resolved")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyInput(TurnState):
    """The turn that is the operator's."""

    reading: tuple[StepAnswer, ...]


def handle(task: NotifyInput, *, records: Records, connections: Connections, clock: Clock) -> Committed:
    """Commit without a reply, then tell the desk; a lost push loses nothing, the desk reads the rows."""
    reading = read_reading(task.reading)
    end = TurnEnd(
        outcome="owned_by_operator",
        status="open" if task.known.status in WAITED_FOR_THEM else task.known.status,
        row=make_row(reading, (), sealed="", confidence=0, reason="owned_by_operator"),
        tells=make_tells(reading),
    )
    committed = commit_turn(records, task.tenant, task.conversation, task.turn, task.answers, end, now=clock.now())
    for connection in find_listeners(records, clock, connections, f"{task.tenant}|desk"):
        connections.push(connection, {"type": "message", "conversation_id": task.conversation})
    return committed
