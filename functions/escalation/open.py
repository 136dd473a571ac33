"""Open an escalation: an honest interim reply, and a packet for an approver or for one operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.agents.ending import make_row, make_tells, read_findings, read_reading, speak, tell_of_reply
from shared.agents.escalating import choose_handover, interim_reply, open_draft, opened
from shared.agents.packet import make_packet
from shared.company.company import Company
from shared.conversations.keys import turn_row
from shared.conversations.reading import StepAnswer, TurnState, open_messages, whole_text
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.memory.customer import read_history
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInput(TurnState):
    """The turn, as far as it came."""

    reading: tuple[StepAnswer, ...] = ()
    plan: StepAnswer = field(default_factory=StepAnswer)
    findings: tuple[StepAnswer, ...] = ()
    combined: StepAnswer = field(default_factory=StepAnswer)
    review: StepAnswer = field(default_factory=StepAnswer)
    failure: dict[str, Any] = field(default_factory=dict)


def handle(task: OpenInput, *, records: Records, vault: Vault, company: Company, clock: Clock) -> Committed:
    """Commit the handover: owner `ai` while an approver decides, else `nobody` until an operator takes it."""
    reading, findings = read_reading(task.reading), read_findings(task.findings)
    draft = open_draft(vault, task, task.review, task.combined)
    handover = choose_handover(company, task, reading, task.plan, task.combined, task.review, findings)
    text = whole_text(open_messages(records, vault, task))
    history = read_history(records, task.tenant, task.customer) if task.customer else ()
    packet = make_packet(task, reading, text, findings, history, draft, handover.reason)
    name = turn_row(task.turn.n, task.turn.fence)
    reply = interim_reply(company, task, reading, handover, draft)
    sealed = vault.seal(task.tenant, task.subject, {"reply": reply})
    confidence = reading.intents[0].confidence if reading.intents else 0
    end = TurnEnd(
        outcome=handover.outcome,
        status=handover.status,
        row=make_row(reading, findings, sealed=sealed, confidence=confidence, reason=handover.reason),
        owner=handover.owner,
        ticket=reading.ticket or task.known.ticket or f"t{task.conversation[-12:]}",
        escalation=task.turn.n,
        packet=handover.row(name, task.subject, clock.now(), vault.seal(task.tenant, task.subject, packet.body())),
        events=(*(tell_of_reply(task, name) if reply else ()), opened(task, clock.now())),
        tells=make_tells(reading) | (speak(task) if reply else {}) | {"tier": handover.tier},
        patient=False,
    )
    return commit_turn(records, task.tenant, task.conversation, task.turn, task.answers, end, now=clock.now())
