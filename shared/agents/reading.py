"""Reading a turn: what its words want, which ticket they belong to, and whether the platform may go on."""

from __future__ import annotations

from collections.abc import Sequence

from shared.agents.planning import is_for_person
from shared.company.company import Company, mode_of
from shared.conversations.keys import ticket_id
from shared.conversations.reading import Reading, TurnState
from shared.domain.finding import Intent
from shared.domain.ticket import PRIORITIES
from shared.knowledge.evidence import find_evidence
from shared.knowledge.library import Library
from shared.memory.customer import PastTicket, count_same, find_open_ticket
from shared.understanding.gate import Signs, pass_gate
from shared.understanding.injection import detect
from shared.understanding.negation import asks_to_leave
from shared.understanding.quarantine import leave_out_orders
from shared.understanding.understand import LONGEST_TEXT, Understanding, understand

SHORT_WORDS = 3


def read_words(
    task: TurnState, text: str, subject: str, history: Sequence[PastTicket], library: Library, company: Company
) -> Reading:
    """Understand a turn's words; orders to the machine are left out of what is understood, and noted."""
    verdict = detect(text)
    clean = (leave_out_orders(text) if verdict.suspicious else text)[:LONGEST_TEXT]
    found = understand(clean, subject or None)
    intents = tuple(Intent(each.name, _basis(each.confidence)) for each in found.intents)
    gate, reason = _gate(task, found, clean, library, company)
    return Reading(
        gate,
        reason,
        intents=intents,
        category=found.category,
        category_confidence=_basis(found.category_confidence),
        out_of_scope=_basis(found.out_of_scope),
        priority=_priority(task, found.priority),
        sentiment=found.sentiment,
        frustration=_basis(found.frustration),
        language=found.language,
        suspicious=verdict.suspicious,
        signs=tuple(verdict.reasons),
        ticket=_ticket(task, history, intents),
        earlier={each.name: count_same(history, each.name, task.conversation) for each in intents},
        articles_only=reason == "articles",
        hands_off=asks_to_leave(clean),
    )


def _priority(task: TurnState, found: str) -> str:
    """The more urgent of what the words and the sender say; asking can raise a priority, never lower it."""
    asked = [message.priority for message in task.messages if message.priority]
    return min([found, *asked], key=PRIORITIES.index)


def read_nothing(task: TurnState) -> Reading:
    """A turn without words: a decision goes on, an empty message is asked about."""
    decided = any(message.kind != "customer" for message in task.messages)
    return Reading("go" if decided else "clarify", "decided" if decided else "empty", ticket=task.known.ticket)


def _gate(task: TurnState, found: Understanding, text: str, library: Library, company: Company) -> tuple[str, str]:
    gates = company.routing.gates
    confidence = _basis(max(each.confidence for each in found.intents))
    likely = [each.name for each in found.intents]
    signs = Signs(
        own_gate=company.routing.intent_gates.get(found.intent, ""),
        confidence=confidence,
        category_confidence=_basis(found.category_confidence),
        out_of_scope=_basis(found.out_of_scope),
        priority=found.priority,
        sentiment=found.sentiment,
        supported_language=found.language in company.languages or _too_short_to_tell(text),
        for_person=_is_for_person(company, task, found),
        waiting=task.known.status == "pending_approval" and bool(likely),
        own_matter=_is_own_matter(company, task, found.intent),
        harmless=_is_harmless(company, task, found.intent),
        answered=confidence < gates.go and find_evidence(library, task.tenant, text, likely).answerable,
        asked_before=task.known.clarified > 0,
    )
    gate, reason = pass_gate(signs, gates)
    if gate == "clarify" and mode_of(company, task.tenant, "") != "live":
        return "operator", "suggest_only"
    return gate, reason


def _is_for_person(company: Company, task: TurnState, found: Understanding) -> bool:
    likely = _basis(found.confidence) >= company.routing.gates.several
    return likely and is_for_person(company, task.tenant, found.intent, found.sentiment == "frustrated")


def _is_own_matter(company: Company, task: TurnState, intent: str) -> bool:
    """Whether the intent's playbook works on the affairs of a customer, and we know which."""
    book = company.playbook(intent)
    return book is not None and bool(book.needs) and bool(task.customer)


def _is_harmless(company: Company, task: TurnState, intent: str) -> bool:
    """Whether the intent's playbook changes nothing and knows everybody that it needs."""
    from shared.tools.catalog import TOOLS  # only for a turn in doubt: a first answer is sooner without every tool

    book = company.playbook(intent)
    if book is None or (book.needs and not task.customer):
        return False
    return all(TOOLS[step.tool].effect == "none" for step in book.steps if step.tool)


def _too_short_to_tell(text: str) -> bool:
    """A word or two in Latin letters may be of any language."""
    return text.isascii() and len(text.split()) <= SHORT_WORDS


def _ticket(task: TurnState, history: Sequence[PastTicket], intents: Sequence[Intent]) -> str:
    """The conversation's own ticket, else the customer's open one about the same, else a new one."""
    if task.known.ticket and task.known.status != "closed":
        return task.known.ticket
    joined = find_open_ticket(history, [intent.name for intent in intents])
    return joined or ticket_id(task.conversation, task.turn.n)


def _basis(confidence: float) -> int:
    return round(confidence * 10_000)
