"""Status and logs: components, incidents, synthetic checks for one customer, and what their requests ran into."""

from __future__ import annotations

from collections.abc import Callable

from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput

PASSED: Body = {"ok": True, "problem": None}


def list_components(rows: Rows, *, customer: str) -> Body:
    """Components and open incidents; `affects_customer` says whether an incident touches this customer."""
    incidents = [public(incident, customer) for incident in rows.all("incident")]
    return {
        "components": rows.all("component"),
        "open_incidents": [incident for incident in incidents if incident["status"] != "resolved"],
        "past_incidents": [incident for incident in incidents if incident["status"] == "resolved"],
        "as_of": rows.now(),
    }


def public(incident: Body, customer: str) -> Body:
    """An incident without the names of whom else it touches."""
    shown = {name: value for name, value in incident.items() if name != "customers"}
    return {**shown, "affects_customer": customer in incident["customers"]}


def list_errors(rows: Rows, *, customer: str) -> Body:
    """The customer's failed API requests by code and key, newest last."""
    rows.customer(customer)
    return {"errors": rows.of(customer, "log"), "as_of": rows.now()}


def probe(rows: Rows, *, customer: str, check: str) -> Body:
    """Try what the customer does: an export, an API call, a sign-in, their sensors; says what stands in the way."""
    rows.customer(customer)
    if check not in CHECKS:
        raise InvalidInput("no such check", field="check", limit=", ".join(CHECKS), action="name one of these")
    return {"check": check, "at": rows.now(), **CHECKS[check](rows, customer)}


def check_export(rows: Rows, customer: str) -> Body:
    return broken_component(rows, customer, "reports") or blocked_subscription(rows, customer) or PASSED


def check_api(rows: Rows, customer: str) -> Body:
    """A request with the customer's own key, as the API's edge would judge it."""
    return (
        broken_component(rows, customer, "api")
        or blocked_subscription(rows, customer)
        or unusable_key(rows, customer)
        or {**PASSED, "status_code": 200}
    )


def check_sign_in(rows: Rows, customer: str) -> Body:
    users = rows.of(customer, "user")
    locked = [user["id"] for user in users if user["lock"]]
    if locked:
        return {"ok": False, "problem": "account_locked", "users": locked}
    waiting = [user["id"] for user in users if user["mfa"] == "lost"]
    return {"ok": False, "problem": "mfa_lost", "users": waiting} if waiting else PASSED


def check_sensors(rows: Rows, customer: str) -> Body:
    silent = [device for device in rows.of(customer, "device") if device["state"] != "online"]
    return {"ok": False, "problem": "sensor_offline", "devices": silent} if silent else PASSED


CHECKS: dict[str, Callable[[Rows, str], Body]] = {
    "export": check_export,
    "api": check_api,
    "login": check_sign_in,
    "sensor": check_sensors,
}


def broken_component(rows: Rows, customer: str, component: str) -> Body | None:
    """The open incident on a component that touches this customer."""
    for incident in rows.all("incident"):
        is_open = incident["status"] != "resolved"
        if is_open and component in incident["components"] and customer in incident["customers"]:
            return {"ok": False, "problem": "incident", "status_code": 503, "incident": public(incident, customer)}
    return None


def blocked_subscription(rows: Rows, customer: str) -> Body | None:
    """A suspended subscription, with its reason."""
    for subscription in rows.of(customer, "subscription"):
        if subscription["status"] == "suspended":
            return {
                "ok": False,
                "problem": "subscription_suspended",
                "status_code": 403,
                "reason": subscription["suspension"]["reason"],
                "subscription": subscription["id"],
            }
    return None


def unusable_key(rows: Rows, customer: str) -> Body | None:
    """Why no key of the customer's would pass: none, all revoked, or expired."""
    keys = rows.of(customer, "api_key")
    if not keys:
        return {"ok": False, "problem": "no_api_key", "status_code": 401}
    active = [key for key in keys if key["status"] == "active"]
    if not active:
        return refused_keys("api_key_revoked", keys)
    expired = all(key["expires"] <= rows.now()[:10] for key in active)
    return refused_keys("api_key_expired", active) if expired else None


def refused_keys(problem: str, keys: list[Body]) -> Body:
    return {"ok": False, "problem": problem, "status_code": 401, "api_keys": [key["id"] for key in keys]}
