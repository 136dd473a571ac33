"""Understand what a turn's messages want, and whether the platform may go on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from shared.company.company import Company
from shared.conversations.keys import ticket_id
from shared.conversations.reading import Reading, TurnState, open_messages, whole_text
from shared.domain.finding import Intent
from shared.knowledge.evidence import find_evidence
from shared.knowledge.library import Library
from shared.memory.customer import PastTicket, count_same, find_open_ticket, read_history
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry
from shared.privacy.vault import Vault
from shared.understanding.gate import Signs, pass_gate
from shared.understanding.injection import detect
from shared.understanding.understand import LONGEST_TEXT, Understanding, understand


@dataclass(frozen=True, slots=True)
class UnderstandInput(TurnState):
    """The turn to understand."""


def handle(
    task: UnderstandInput, *, records: Records, vault: Vault, library: Library, company: Company, telemetry: Telemetry
) -> Reading:
    """Name the intents with confidence, the mood, the ticket they belong to, and the gate."""
    texts = open_messages(records, vault, task)
    text = whole_text(texts)[:LONGEST_TEXT]
    if not text.strip():
        reason = "decided" if any(message.kind != "customer" for message in task.messages) else "empty"
        return Reading("go" if reason == "decided" else "clarify", reason, ticket=task.known.ticket)
    verdict = detect(text)
    if verdict.score >= 0.5:  # accepted and answered like any other, never echoed; the alert is for people
        telemetry.fact("security_alert", type="injection", tenant=task.tenant, conversation=task.conversation)
    found = understand(text, texts[-1].subject or None)
    history = read_history(records, task.tenant, task.customer) if task.customer else ()
    gate, reason = _gate(task, found, text, library, company)
    intents = tuple(Intent(each.name, _basis(each.confidence)) for each in found.intents)
    return Reading(
        gate,
        reason,
        intents=intents,
        category=found.category,
        category_confidence=_basis(found.category_confidence),
        out_of_scope=_basis(found.out_of_scope),
        priority=found.priority,
        sentiment=found.sentiment,
        frustration=_basis(found.frustration),
        language=found.language,
        suspicious=verdict.score >= 0.5,
        signs=tuple(verdict.reasons),
        ticket=_ticket(task, history, intents),
        same=count_same(history, found.intent, task.conversation),
        articles_only=reason == "articles",
    )


def _gate(task: TurnState, found: Understanding, text: str, library: Library, company: Company) -> tuple[str, str]:
    gates = company.routing.gates
    unsure = _basis(found.confidence) < gates.go
    return pass_gate(
        Signs(
            intent=found.intent,
            confidence=_basis(found.confidence),
            category_confidence=_basis(found.category_confidence),
            out_of_scope=_basis(found.out_of_scope),
            priority=found.priority,
            sentiment=found.sentiment,
            supported_language=found.language in company.languages,
            answered=unsure and find_evidence(library, task.tenant, text, _likely(found)).answerable,
            asked_before=task.known.clarified > 0,
        ),
        gates,
    )


def _ticket(task: TurnState, history: tuple[PastTicket, ...], intents: tuple[Intent, ...]) -> str:
    """The conversation's own ticket, else the customer's open one about the same, else a new one."""
    if task.known.ticket and task.known.status != "closed":
        return task.known.ticket
    joined = find_open_ticket(history, [intent.name for intent in intents])
    return joined or ticket_id(task.conversation, task.turn.n)


def _likely(found: Understanding) -> list[str]:
    """The intents that the articles may answer for; the main one even where it is not sure."""
    return [each.name for each in found.intents]


def _basis(confidence: float) -> int:
    return round(confidence * 10_000)
