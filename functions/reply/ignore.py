"""Set a turn aside: committed as answered, with nothing said."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.ending import make_row, make_tells, read_reading
from shared.conversations.reading import StepAnswer, TurnState
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.ports.clock import Clock
from shared.ports.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreInput(TurnState):
    """The turn to set aside."""

    reading: tuple[StepAnswer, ...]


def handle(task: IgnoreInput, *, records: Records, clock: Clock) -> Committed:
    """Commit `ignored`; the message stays readable, its ticket is resolved."""
    reading = read_reading(task.reading)
    confidence = reading.intents[0].confidence if reading.intents else 0
    end = TurnEnd(
        outcome="ignored",
        status="resolved",
        row=make_row(reading, (), sealed="", confidence=confidence, reason=reading.reason),
        ticket=reading.ticket,
        tells=make_tells(reading),
    )
    return commit_turn(records, task.tenant, task.conversation, task.turn, task.answers, end, now=clock.now())
