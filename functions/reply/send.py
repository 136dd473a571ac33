"""Send: commit the reviewed reply once, if nobody moved the conversation meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.agents.combining import dress
from shared.agents.ending import (
    make_row,
    make_tells,
    name_category,
    read_findings,
    read_reading,
    speak,
    tell_of_reply,
)
from shared.company.company import Company
from shared.conversations.keys import turn_row
from shared.conversations.reading import StepAnswer, TurnState
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.privacy.vault import Vault

DELIVERED = ("email", "chat", "social", "mobile")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInput(TurnState):
    """The turn with everything that led to its reviewed draft."""

    reading: tuple[StepAnswer, ...]
    plan: StepAnswer
    findings: tuple[StepAnswer, ...]
    combined: StepAnswer
    review: StepAnswer


def handle(task: SendInput, *, records: Records, vault: Vault, company: Company, clock: Clock) -> Committed:
    """Commit `resolved`, or what is still pending; a message that arrived meanwhile sends the turn back once."""
    findings = read_findings(task.findings)
    reading = name_category(read_reading(task.reading), findings)
    combined = task.combined.output
    draft = vault.open(task.tenant, task.subject, task.review.output["sealed"])["draft"]
    tier = task.plan.output["tier"]
    reply = dress(company, draft, tier=tier, channel=task.channel, language=reading.language)
    sealed = vault.seal(task.tenant, task.subject, {"reply": reply})
    row = make_row(reading, findings, sealed=sealed, confidence=combined["confidence"], reason=combined["reason"])
    name = turn_row(task.turn.n, task.turn.fence)
    waiting = combined["pending"] and not combined["follow_up"]
    end = TurnEnd(
        outcome="awaiting_approval" if waiting else "resolved",
        status=find_status(task, combined),
        row=row,
        owner="ai",
        ticket=reading.ticket,
        events=tell_of_reply(task, name) if task.channel in DELIVERED else (),
        tells=make_tells(reading) | speak(task) | {"tier": tier, "follow_up": combined["follow_up"]},
    )
    return commit_turn(records, task.tenant, task.conversation, task.turn, task.answers, end, now=clock.now())


def find_status(task: SendInput, combined: dict[str, Any]) -> str:
    """Solved, unless something is still on its way, or an approver has not decided what an earlier turn asked."""
    if task.known.status == "pending_approval" and all(message.kind != "decision" for message in task.messages):
        return "pending_approval"
    return "open" if combined["pending"] or combined["follow_up"] else "resolved"
