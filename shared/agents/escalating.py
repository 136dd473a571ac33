"""Handing over: to whom, why, and what the customer is told meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shared.agents.combining import dress
from shared.company.company import Company, mode_of, say
from shared.conversations.reading import Reading, StepAnswer, TurnState
from shared.domain.events import ESCALATION_OPENED
from shared.domain.finding import Finding
from shared.ports.records import Event
from shared.privacy.vault import Vault

# outcome -> who has to act, who may speak meanwhile, and the conversation's status
STANDINGS = {
    "awaiting_approval": ("approval", "ai", "pending_approval"),
    "escalated": ("person", "nobody", "escalated"),
    "parked": ("person", "nobody", "escalated"),
}


@dataclass(frozen=True, slots=True)
class Handover:
    """Who has to act: `kind` is approval or person; `skill` chooses the operator; the rest is the commit's."""

    kind: str
    reason: str
    outcome: str
    owner: str
    status: str
    skill: str
    tier: str
    priority: str
    effects: tuple[str, ...]
    silent: bool

    def row(self, turn: str, subject: str, now: int, sealed: str) -> dict[str, Any]:
        """The HANDOFF row: what routes it in the open, the packet's words sealed."""
        kept = asdict(self) | {"effects": list(self.effects)}
        routing = {name: value for name, value in kept.items() if name not in ("outcome", "owner", "status")}
        fresh = {"turn": turn, "subject": subject, "opened": now, "state": "open", "operator": "", "sealed": sealed}
        return routing | fresh


def open_draft(vault: Vault, task: TurnState, review: StepAnswer, combined: StepAnswer) -> str:
    """The draft as far as it came, or nothing."""
    sealed = review.output.get("sealed") or combined.output.get("sealed")
    return str(vault.open(task.tenant, task.subject, sealed)["draft"]) if sealed else ""


def choose_handover(
    company: Company,
    task: TurnState,
    reading: Reading,
    plan: StepAnswer,
    combined: StepAnswer,
    review: StepAnswer,
    findings: Sequence[Finding],
) -> Handover:
    """An approver where only a decision is missing, else a person; a crash is parked where an operator sees it."""
    reason = find_reason(reading, plan, combined, review)
    waiting = find_waiting(findings)
    approval = combined.output.get("outcome") == "approval" and bool(waiting)
    outcome = "awaiting_approval" if approval else "parked" if reason == "crashed" else "escalated"
    kind, owner, status = STANDINGS[outcome]
    return Handover(
        kind=kind,
        reason=reason,
        outcome=outcome,
        owner=owner,
        status=status,
        skill=find_skill(company, reading),
        tier=plan.output.get("tier", "bronze"),
        priority=reading.priority,
        effects=waiting,
        silent=mode_of(company, task.tenant, "") != "live" or reason == "suggest_only",
    )


def find_skill(company: Company, reading: Reading) -> str:
    """The skill that one of the intents asks for, else the category's."""
    routing = company.routing
    likely = (each.name for each in reading.intents if each.confidence >= routing.gates.person)
    return next((routing.skills[name] for name in likely if name in routing.skills), reading.category)


def find_waiting(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The effects that an approver has to decide."""
    actions = (action for finding in findings for action in finding.actions)
    return tuple(action.effect for action in actions if action.status == "awaiting_approval")


def find_reason(reading: Reading, plan: StepAnswer, combined: StepAnswer, review: StepAnswer) -> str:
    """The last step that had something to say about it; a step that should have answered and did not has crashed."""
    if review.ok:
        return "review:" + ",".join(review.output["faults"]) if review.output["faults"] else "crashed"
    if combined.ok:
        return "crashed" if combined.output["outcome"] == "reply" else str(combined.output["reason"])
    if plan.ok:
        return "crashed" if plan.output["route"] == "specialists" else str(plan.output["reason"])
    return reading.reason if reading.gate == "operator" else "crashed"


def interim_reply(company: Company, task: TurnState, reading: Reading, handover: Handover, draft: str) -> str:
    """What is true already and who goes on; nothing where the platform only suggests."""
    if handover.silent:
        return ""
    if handover.kind == "approval":
        body = draft or say(company, "awaiting_approval", reading.language)
    else:
        body = say(company, "escalated", reading.language)
    return dress(company, body, tier=handover.tier, channel=task.channel, language=reading.language)


def opened(task: TurnState, now: int) -> Event:
    """Starts the escalation's machine; carried by the commit that opens it."""
    where = {"tenant": task.tenant, "conversation": task.conversation, "escalation": task.turn.n, "at": now}
    return Event(f"{task.conversation}-escalation-{task.turn.n}", ESCALATION_OPENED, where)
