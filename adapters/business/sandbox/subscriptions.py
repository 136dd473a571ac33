"""Billing's actions on subscriptions: change the plan, cancel, reactivate."""

from __future__ import annotations

from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput, WrongState


def change_plan(rows: Rows, *, key: str, customer: str, subscription: str, plan: str) -> Body:
    """Move to another plan: upwards now, downwards when the paid period ends."""
    current = rows.need("subscription", subscription, customer)
    wanted = rows.get("plan", plan)
    if wanted is None:
        raise InvalidInput("no such plan", field="plan", limit="a plan of the price list", action="name a plan")
    if current["status"] != "active" or current["plan"] == plan:
        raise WrongState("cannot change to this plan now", field="subscription", limit=current["status"])
    if wanted["price_minor"] > current["price_minor"]:
        changed = rows.change("subscription", current, plan=plan, price_minor=wanted["price_minor"])
        return {"subscription": changed, "effective": rows.now()}
    changed = rows.change("subscription", current, next_plan=plan)
    return {"subscription": changed, "effective": current["paid_until"]}


def cancel(rows: Rows, *, key: str, customer: str, subscription: str, reason: str) -> Body:
    """End a subscription when its paid period ends."""
    current = rows.need("subscription", subscription, customer)
    if current["status"] in ("cancelled", "ending"):
        raise WrongState("already cancelled", field="subscription", limit=current["status"], action="say when it ends")
    changed = rows.change("subscription", current, status="ending", ends=current["paid_until"], ended_because=reason)
    return {"subscription": changed, "effective": current["paid_until"]}


def reactivate(rows: Rows, *, key: str, customer: str, subscription: str) -> Body:
    """Bring a suspended or ending subscription back, once what suspended it is settled."""
    current = rows.need("subscription", subscription, customer)
    suspension = current["suspension"]
    if current["status"] == "active":
        raise WrongState("already active", field="subscription", limit="suspended or ending")
    if suspension and not suspension["settled"]:
        raise WrongState(
            f"still suspended for {suspension['reason']}",
            field="subscription",
            limit=f"{suspension['over']} is settled first",
            action="settle the payment first",
        )
    changed = rows.change("subscription", current, status="active", suspension=None, ends=None)
    return {"subscription": changed, "effective": rows.now()}
