"""Assign an escalation to one named operator on the next rung, or see that a person has decided already."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.staffing import choose_operator, rung_of
from shared.company.company import Company
from shared.conversations.handoff import change_handoff, read_handoff
from shared.ports.records import Body, Records


@dataclass(frozen=True, slots=True)
class AssignInput:
    """Which escalation, and the rung it stood on (-1: none yet)."""

    tenant: str
    conversation: str
    escalation: int
    from_rung: int = -1


@dataclass(frozen=True, slots=True)
class Assigned:
    """`state`: assigned or closed; `timeout` in seconds until the next rung."""

    state: str
    rung: int = 0
    operator: str = ""
    timeout: int = 60


def handle(task: AssignInput, *, records: Records, company: Company) -> Assigned:
    """Choose by role, level and skill; the last rung is asked again and again, because silence is no answer."""
    handoff = read_handoff(records, task.tenant, task.conversation, task.escalation)
    if handoff.closed:
        return Assigned("closed")
    ladder = company.staff.ladder
    rung = rung_of(company.staff, task.from_rung, handoff.body["kind"], handoff.body["skill"])
    operator = (
        handoff.body["taken_by"]
        if handoff.body.get("taken_by")
        else choose_operator(company.staff, ladder[rung], handoff.body["skill"], task.conversation)
    )

    def name_operator(body: Body) -> Body:
        return body | {"operator": operator, "rung": rung, "level": ladder[rung].level}

    change_handoff(records, task.tenant, task.conversation, task.escalation, name_operator)
    return Assigned("assigned", rung, operator, ladder[rung].minutes * 60)
