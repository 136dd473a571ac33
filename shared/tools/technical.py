"""Technical tools: what the status page knows, what the logs say, what a check of the customer's own way finds."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Len

from shared.errors import InvalidInput
from shared.ports.business_systems import BusinessSystems
from shared.tools.account import api_key_handles
from shared.tools.billing import subscription_handles
from shared.tools.slots import Text, checked
from shared.tools.tool import Facts


@checked
def get_service_status(systems: BusinessSystems, *, customer: str) -> Facts:
    """Read every component's state and the incidents, and whether one of them affects this customer."""
    facts = systems.read("status", "components", {"customer": customer})
    affecting = [incident for incident in facts["open_incidents"] if incident["affects_customer"]]
    return {**facts, "all_operational": not facts["open_incidents"], "affecting": affecting}


@checked
def check_system_logs(systems: BusinessSystems, *, customer: str) -> Facts:
    """Read which errors the customer's API requests ran into, by code and key, with count and last time."""
    facts = systems.read("logs", "errors", {"customer": customer})
    return {"found": bool(facts["errors"]), **facts}


@checked
def run_diagnostic_test(
    systems: BusinessSystems, *, customer: str, check: Literal["export", "api", "login", "sensor"]
) -> Facts:
    """Try a report export, an API call, a sign-in or the sensors as this customer, and say what stands in the way."""
    return systems.read("status", "probe", {"customer": customer, "check": check})


@checked
def check_api_access(systems: BusinessSystems, *, customer: str) -> Facts:
    """Try an API call as this customer and show the keys, the subscription and the last errors behind the result."""
    probe = systems.read("status", "probe", {"customer": customer, "check": "api"})
    keys = systems.read("accounts", "api_keys", {"customer": customer})["api_keys"]
    subscriptions = systems.read("billing", "subscriptions", {"customer": customer})["subscriptions"]
    return {
        **probe,
        "keys": keys,
        "errors": systems.read("logs", "errors", {"customer": customer})["errors"],
        "handles": {"api_key": api_key_handles(keys), "subscription": subscription_handles(subscriptions)},
    }


@checked
def schedule_technician_visit(
    systems: BusinessSystems, *, key: str, customer: str, day: Annotated[str, Len(10, 10)], subject: Text
) -> Facts:
    """Book a technician at the customer's address for a day written as YYYY-MM-DD."""
    arguments = {"customer": customer, "day": need_day(day), "subject": subject}
    return systems.act("orders", "visit", arguments, key=key)


def need_day(text: str) -> str:
    """A date as YYYY-MM-DD; raises InvalidInput."""
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidInput("not a date", field="day", limit="YYYY-MM-DD", action="name a day") from error
