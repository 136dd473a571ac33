"""An approver decides on an escalation's effects; the record is written first, the token only wakes the machine."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.staffing import find_operator
from shared.company.company import Company
from shared.effects.approvals import decide
from shared.effects.telling import close_decided
from shared.errors import NotPermitted
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants
from shared.ports.workflows import Workflows
from shared.tools.executor import cap_limits


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on one effect, bound to the arguments that they saw."""

    tenant: str
    effect: str
    operator: str
    approved: bool
    args_hash: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The effect's state, and whether the conversation goes on."""

    state: str
    goes_on: bool


def handle(
    decision: Decision, *, records: Records, workflows: Workflows, company: Company, clock: Clock, tenants: Tenants
) -> Decided:
    """Record the decision; once nothing waits any more the conversation goes on. Safe to repeat."""
    operator = find_operator(company.staff, decision.operator)
    if operator is None:
        raise NotPermitted("unknown operator", field="operator", limit="one of the staff", action="sign in")
    effect = decide(
        records,
        decision.tenant,
        decision.effect,
        operator,
        args_hash=decision.args_hash,
        approved=decision.approved,
        limits=cap_limits(company),
        clock=clock,
        homes=tenants,
    )
    if effect.state == "PROPOSED":  # a second approver has to agree
        return Decided(effect.state, goes_on=False)
    return Decided(effect.state, goes_on=close_decided(records, workflows, effect, operator.id, clock.now()))
