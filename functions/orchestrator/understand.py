"""Understand what a turn's messages want, and whether the platform may go on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.reading import read_nothing, read_words
from shared.company.company import Company
from shared.conversations.reading import Reading, TurnState, open_messages, whole_text
from shared.knowledge.library import Library
from shared.memory.customer import read_history
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class UnderstandInput(TurnState):
    """The turn to understand."""


def handle(
    task: UnderstandInput, *, records: Records, vault: Vault, library: Library, company: Company, telemetry: Telemetry
) -> Reading:
    """Name the intents with confidence, the mood, the ticket they belong to, and the gate."""
    texts = open_messages(records, vault, task)
    text = whole_text(texts)
    if not text.strip():
        return read_nothing(task)
    history = read_history(records, task.tenant, task.customer) if task.customer else ()
    reading = read_words(task, text, texts[-1].subject, history, library, company)
    if reading.suspicious:  # accepted and answered like any other, never echoed; the alert is for people
        telemetry.fact("security_alert", type="injection", tenant=task.tenant, conversation=task.conversation)
    return reading
