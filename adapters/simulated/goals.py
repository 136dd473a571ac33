"""What must happen at least once in a campaign: a fault that never bites proves nothing."""

from __future__ import annotations

from collections import Counter

# goal -> what shows it: moves of effects (`from->to`) and facts, any of which is enough
GOALS: dict[str, tuple[str, ...]] = {
    "a message delivered again while its turn runs": ("delivered while running",),
    "an expired lease taken over": ("turn claimed again",),
    "an unknown effect found absent": ("UNKNOWN->EXECUTING", "UNKNOWN->REJECTED"),
    "an unknown effect found present": ("UNKNOWN->COMMITTED",),
    "an approval that expired": ("approval expired",),
    "a transaction in the way, and tried again": ("conflict",),
    "two executions of one turn": ("rival_start",),
    "an effect withdrawn by a takeover": ("withdrawn by a takeover",),
    "a cap that was full": ("cap exceeded",),
    "an action later than its answer": ("acts_late",),
    "a half-open circuit": ("circuit probed",),
    "a dead letter redriven": ("redriven",),
    "a restored or moved ledger reopened": ("ledger reopened",),
    "rows lost with a region": ("regions lost",),
    "a home that moved away and back": ("homes moved",),
    "a first response too late": ("a late answer",),
    "an amount booked otherwise": ("books_rounded", "books_other_units"),
    "a poisoned message and nothing else": ("poison alone",),
    "two tenants in one world": ("two tenants",),
}
# Goals of the page that nothing here can reach yet, and why.
OUT_OF_REACH: dict[str, str] = {
    "compensation racing a late success": "no playbook compensates an effect yet",
    "timer after cancel": "no handler takes `timers`: deadlines are rows that the sweep reads",
    "fallback model used": "there is no model brain yet",
}


def reached(facts: Counter[str]) -> dict[str, int]:
    """How often each goal was reached."""
    return {goal: sum(facts[name] for name in names) for goal, names in GOALS.items()}
