"""Store the waiting state's token, then tell the operator: in this order, so that no answer meets a missing token."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.listeners import find_listeners
from shared.conversations.handoff import change_handoff
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Body, Records


@dataclass(frozen=True, slots=True)
class PageInput:
    """Whom to tell, and the token that wakes the machine."""

    tenant: str
    conversation: str
    escalation: int
    rung: int
    operator: str
    token: str


@dataclass(frozen=True, slots=True)
class Paged:
    told: int


def handle(task: PageInput, *, records: Records, connections: Connections, clock: Clock) -> Paged:
    """Keep the newest token; the desk is told as a courtesy and reads the rows."""

    def keep_token(body: Body) -> Body:
        return body | {"token": task.token}

    change_handoff(records, task.tenant, task.conversation, task.escalation, keep_token)
    note = {"type": "handoff", "conversation_id": task.conversation, "operator": task.operator, "rung": task.rung}
    desk = find_listeners(records, clock, connections, f"{task.tenant}|desk")
    return Paged(sum(connections.push(each, note) for each in desk))
