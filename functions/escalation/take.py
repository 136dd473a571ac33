"""An operator takes a conversation: money is held first, then the head changes; a running turn is fenced off."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.staffing import find_operator
from shared.company.company import Company
from shared.conversations.handoff import change_handoff
from shared.conversations.head import need_head, write_head
from shared.domain.conversation import take_over
from shared.domain.events import CONVERSATION_TAKEN
from shared.effects.holds import set_hold
from shared.effects.telling import withdraw_unsent
from shared.errors import NotPermitted
from shared.ports.clock import Clock
from shared.ports.records import Body, Event, Records


@dataclass(frozen=True, slots=True)
class Taking:
    tenant: str
    conversation: str
    operator: str


@dataclass(frozen=True, slots=True)
class Taken:
    owner: str
    fence: int


def handle(task: Taking, *, records: Records, company: Company, clock: Clock) -> Taken:
    """Raises NotPermitted for somebody who is no operator, WrongState where another one has it."""
    if find_operator(company.staff, task.operator) is None:
        raise NotPermitted("unknown operator", field="operator", limit="one of the staff", action="sign in")
    head, version = need_head(records, task.tenant, task.conversation)
    taken = take_over(head, task.operator)
    set_hold(records, task.tenant, task.conversation, task.operator)
    withdraw_unsent(records, task.tenant, task.conversation)
    where = {"tenant": task.tenant, "conversation": task.conversation, "operator": task.operator, "at": clock.now()}
    facts = {"ticket": head.ticket, "status": head.status, "owner": taken.owner, "n": head.n}
    facts |= {"customer": head.customer, "channel": head.channel}
    told = Event(f"{task.conversation}-taken-{taken.fence}", CONVERSATION_TAKEN, where | facts)
    write_head(records, task.tenant, task.conversation, taken, version, events=(told,))
    if head.escalation:

        def name_taker(body: Body) -> Body:
            return body | {"taken_by": task.operator, "operator": task.operator}

        change_handoff(records, task.tenant, task.conversation, head.escalation, name_taker)
    return Taken(taken.owner, taken.fence)
