"""Keep the views: a customer's tickets and what is open, from the facts that the platform publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.conversations.views import project_conversation
from shared.ports.records import Records


@dataclass(frozen=True, slots=True)
class Fact:
    """One published event."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Projected:
    views: int


def handle(fact: Fact, *, records: Records) -> Projected:
    """Apply one fact; a repeat and one that came late change nothing (E1, E2)."""
    return Projected(project_conversation(records, fact.name, fact.body))
