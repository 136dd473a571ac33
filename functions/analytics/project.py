"""Keep the views: a customer's tickets and what is open, from the facts that the platform publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.company.company import Company
from shared.company.lifecycle import close_after_ms
from shared.conversations.views import keep_alert, project_conversation
from shared.domain.events import ALERT_RAISED, MESSAGE_PARKED, SLA_BREACHED
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry

COUNTED = {SLA_BREACHED: "sla_breaches", MESSAGE_PARKED: "messages_parked"}  # what operators are alarmed about


@dataclass(frozen=True, slots=True)
class Fact:
    """One published event."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Projected:
    views: int


def handle(fact: Fact, *, records: Records, company: Company, telemetry: Telemetry) -> Projected:
    """Apply one fact; a repeat and one that came late change no view (E1, E2), and are counted again."""
    if fact.name in COUNTED:
        telemetry.count(COUNTED[fact.name])
    if fact.name == ALERT_RAISED:
        return Projected(keep_alert(records, fact.id, fact.body))
    if fact.name == MESSAGE_PARKED:  # the commit that parked it tells the views
        return Projected(0)
    return Projected(project_conversation(records, fact.name, fact.body, close_after_ms(company)))
