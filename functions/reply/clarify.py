"""Ask one clarifying question, in the customer's language, and commit it as the reply."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.ending import make_row, make_tells, read_reading, speak, tell_of_reply
from shared.company.company import Company, say
from shared.conversations.keys import turn_row
from shared.conversations.reading import Reading, StepAnswer, TurnState
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.privacy.vault import Vault

GUESS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarifyInput(TurnState):
    """The turn and what could be read in it."""

    reading: tuple[StepAnswer, ...]


def handle(task: ClarifyInput, *, records: Records, vault: Vault, company: Company, clock: Clock) -> Committed:
    """Commit the question; the next message that is still unclear goes to an operator."""
    reading = read_reading(task.reading)
    sealed = vault.seal(task.tenant, task.subject, {"reply": ask(company, reading)})
    confidence = reading.intents[0].confidence if reading.intents else 0
    end = TurnEnd(
        outcome="clarifying",
        status="pending_customer",
        row=make_row(reading, (), sealed=sealed, confidence=confidence, reason=reading.reason),
        owner="ai",
        ticket=reading.ticket,
        clarified=task.known.clarified + 1,
        events=tell_of_reply(task, turn_row(task.turn.n, task.turn.fence)),
        tells=make_tells(reading) | speak(task),
    )
    return commit_turn(records, task.tenant, task.conversation, task.turn, task.answers, end, now=clock.now())


def ask(company: Company, reading: Reading) -> str:
    """A question about the likeliest topic where there is one, else an open one."""
    main = reading.intents[0] if reading.intents else None
    book = company.playbook(main.name) if main and main.name not in company.routing.alone else None
    if main is None or book is None or main.confidence < GUESS or reading.language not in company.phrases["choose"]:
        return say(company, "clarify", reading.language)
    return say(company, "choose", reading.language).replace("{topic}", book.title)
