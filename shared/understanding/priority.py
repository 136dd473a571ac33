"""The priority of a message: its intents' usual one, raised or lowered by what else it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from shared.understanding.taxonomy import INTENTS_FOLDER, PRIORITIES

SURE_FROM = 0.5  # an intent less sure than this does not make a message urgent by itself
FRUSTRATED_FROM = 0.8
ORDINARY = PRIORITIES.index("P3")
URGENT = PRIORITIES.index("P1")


@dataclass(frozen=True, slots=True)
class PriorityRules:
    """Cues by name, and rules as (all of these cues, priority)."""

    cues: dict[str, tuple[re.Pattern[str], ...]]
    rules: tuple[tuple[frozenset[str], str], ...]


@cache
def load_priority_rules() -> PriorityRules:
    """The rules in the company's folder."""
    table = tomllib.loads((INTENTS_FOLDER / "priority.toml").read_text("utf-8"))
    cues = {name: tuple(re.compile(pattern) for pattern in patterns) for name, patterns in table["cues"].items()}
    return PriorityRules(cues, tuple((frozenset(rule["needs"]), rule["priority"]) for rule in table["rules"]))


def find_cues(text: str, rules: PriorityRules | None = None) -> frozenset[str]:
    """The names of the cues that a text gives."""
    lowered = text.lower().replace("\u2019", "'")
    cues = (rules or load_priority_rules()).cues
    return frozenset(name for name, patterns in cues.items() if any(pattern.search(lowered) for pattern in patterns))


def set_priority(usual: Iterable[tuple[str, float]], cues: frozenset[str], frustration: float) -> str:
    """P1 to P4 from the intents' (usual priority, confidence), the cues and the mood.

    The most urgent reason counts. Frustration raises an ordinary matter by one step and lowers nothing; what the
    customer calls not urgent sinks by one step, unless it is P1.
    """
    level = min((_discount(PRIORITIES.index(name), sure) for name, sure in usual), default=ORDINARY)
    fired = [PRIORITIES.index(priority) for needs, priority in load_priority_rules().rules if needs <= cues]
    level = min([level, *fired])
    if level == ORDINARY and frustration >= FRUSTRATED_FROM:
        level -= 1
    if "no_hurry" in cues and level > URGENT:
        level = min(level + 1, len(PRIORITIES) - 1)
    return PRIORITIES[level]


def _discount(level: int, sure: float) -> int:
    return level if sure >= SURE_FROM or level >= ORDINARY else level + 1
