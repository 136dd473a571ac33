"""What the platform counts of the facts that it publishes, for the alarms."""

from __future__ import annotations

import pytest

from shared.domain.events import MESSAGE_PARKED, SLA_BREACHED, SLA_WARNED
from tests.builders.platform import TENANT, House


@pytest.mark.parametrize(
    ("name", "metric", "times"),
    [(SLA_BREACHED, "sla_breaches", 1), (MESSAGE_PARKED, "messages_parked", 1), (SLA_WARNED, "sla_breaches", 0)],
)
def test_what_operators_are_alarmed_about_is_counted(house: House, name: str, metric: str, times: int) -> None:
    conversation = str(house.write("What is my account balance?")["conversation_id"])
    body = {"tenant": TENANT, "conversation": conversation, "at": house.clock.now(), "deadline": "first_response"}
    house.platform.call("analytics.project", {"id": "e1", "name": name, "body": body})
    totals = house.platform.provider.telemetry.totals()
    assert sum(value for (found, _), value in totals.items() if found == metric) == times


def test_a_message_that_was_parked_changes_no_view_by_itself(house: House) -> None:
    body = {"tenant": TENANT, "conversation": "c1", "at": house.clock.now(), "reason": "broken_mail"}
    assert house.platform.call("analytics.project", {"id": "e1", "name": MESSAGE_PARKED, "body": body}) == {"views": 0}
