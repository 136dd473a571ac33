"""Plan who works on this turn: one assignment for each intent, and what an earlier turn left open."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.ending import read_reading
from shared.agents.planning import assign_intents, resume_work
from shared.company.company import Company
from shared.conversations.reading import Mood, StepAnswer, TurnState
from shared.domain.finding import Assignment
from shared.errors import Refused, Unavailable
from shared.ports.business_systems import BusinessSystems
from shared.ports.records import Records

UNKNOWN_TIER = "bronze"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput(TurnState):
    """The turn and what was read in it."""

    reading: tuple[StepAnswer, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`route`: specialists (work the assignments) or operator (with `reason`)."""

    route: str
    assignments: tuple[Assignment, ...]
    tier: str
    reason: str = ""


def handle(task: PlanInput, *, records: Records, company: Company, business_systems: BusinessSystems) -> Plan:
    """Assign each intent to the agent with the highest routing score (requirements §11.6)."""
    reading = read_reading(task.reading)
    mood = Mood(**task.reading[1].output) if task.reading[1].ok else Mood(reading.sentiment, reading.frustration, 0)
    tier = read_tier(business_systems, task.customer)
    resumed = resume_work(records, task, tier)
    fresh = assign_intents(company, task, reading, mood, tier)
    assignments = tuple(resumed) + fresh.assignments
    if assignments and not fresh.reason:
        return Plan("specialists", assignments, tier)
    return Plan("operator" if fresh.reason else "specialists", assignments, tier, fresh.reason)


def read_tier(systems: BusinessSystems, customer: str) -> str:
    """The customer's tier; bronze for nobody's customer and while accounts cannot be asked."""
    if not customer:
        return UNKNOWN_TIER
    try:
        return str(systems.read("accounts", "customer", {"customer": customer})["customer"]["tier"])
    except (Refused, Unavailable):
        return UNKNOWN_TIER
