"""Billing's actions that move money: refund, credit, charge, payment plan."""

from __future__ import annotations

from adapters.business.sandbox.billing import credited, due, need_invoice, refundable
from adapters.business.sandbox.names import later, new_id
from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput, WrongState

REFUND_DAYS = 7


def refund(rows: Rows, *, key: str, customer: str, payment: str, amount_minor: int, currency: str, reason: str) -> Body:
    """Give back part or all of a captured payment; a payment in dispute is settled once nothing of it is left."""
    paid = rows.need("payment", payment, customer)
    hold_to(paid, amount_minor, currency, limit=refundable(paid))
    refunded = int(paid["refunded_minor"]) + amount_minor
    rows.change("payment", paid, refunded_minor=refunded)
    if refunded == paid["amount_minor"]:
        settle_disputes(rows, customer, payment)
    settle_claims(rows, customer, paid["for"]["id"])
    entry = {
        "id": new_id("ref", key),
        "customer": customer,
        "payment": payment,
        "amount_minor": amount_minor,
        "currency": currency,
        "reason": reason,
        "status": "sent_to_bank",
        "created_at": rows.now(),
        "expected_by": later(rows.now(), days=REFUND_DAYS),
    }
    return rows.put("refund", entry)


def settle_disputes(rows: Rows, customer: str, over: str) -> None:
    """A subscription suspended over this payment or invoice may be reactivated from now on."""
    for subscription in rows.of(customer, "subscription"):
        suspension = subscription["suspension"]
        if suspension and suspension["over"] == over:
            rows.change("subscription", subscription, suspension={**suspension, "settled": True})


def settle_claims(rows: Rows, customer: str, order: str) -> None:
    """Claims that waited for this order's refund have it."""
    for claim in rows.of(customer, "claim"):
        if claim["order"] == order and claim["status"] == "refund_due":
            rows.change("claim", claim, status="refunded")


def credit(rows: Rows, *, key: str, customer: str, basis: str, amount_minor: int, currency: str, reason: str) -> Body:
    """Credit the customer's account for an invoice or an order, never beyond what that was worth."""
    filed = rows.customer(customer)
    worth = rows.owned("invoice", basis, customer) or rows.need("order", basis, customer)
    left = int(worth["total_minor"]) - credited(rows.of(customer, "credit"), basis)
    hold_to(filed, amount_minor, currency, limit=left)
    entry = {
        "id": new_id("crd", key),
        "customer": customer,
        "basis": basis,
        "amount_minor": amount_minor,
        "currency": currency,
        "reason": reason,
        "created_at": rows.now(),
    }
    return rows.put("credit", entry)


def charge(rows: Rows, *, key: str, customer: str, invoice: str, amount_minor: int, currency: str) -> Body:
    """Collect an open invoice from the payment method on file; raises WrongState where it is declined."""
    open_invoice = need_invoice(rows, invoice, customer)
    method = next((each for each in rows.of(customer, "payment_method") if each["default"]), None)
    if method is None or method["state"] != "ok":
        state = method["state"] if method else "missing"
        raise WrongState(f"declined: {state}", field="payment_method", action="ask for another payment method")
    hold_to(open_invoice, amount_minor, currency, limit=due(open_invoice))
    changed = {**open_invoice, "paid_minor": open_invoice["paid_minor"] + amount_minor}
    if due(changed) == 0:
        changed["status"] = "paid"
        settle_disputes(rows, customer, invoice)
    rows.put("invoice", changed)
    entry = {
        "id": new_id("pay", key),
        "customer": customer,
        "for": {"kind": "invoice", "id": invoice},
        "amount_minor": amount_minor,
        "currency": currency,
        "status": "captured",
        "method": f"{method['kind']} ending in {method['last4']}",
        "captured_at": rows.now(),
        "refunded_minor": 0,
    }
    return rows.put("payment", entry)


def set_up_payment_plan(rows: Rows, *, key: str, customer: str, invoice: str, instalments: int) -> Body:
    """Split what is due of an invoice into monthly instalments; the first carries the rounding."""
    open_invoice = need_invoice(rows, invoice, customer)
    if open_invoice["status"] == "payment_plan":
        raise WrongState("this invoice has a payment plan", field="invoice", action="describe the plan that exists")
    share, rest = divmod(due(open_invoice), instalments)
    parts = [
        {"due": later(rows.now(), days=30 * index), "amount_minor": share + (rest if index == 0 else 0)}
        for index in range(instalments)
    ]
    rows.change("invoice", open_invoice, status="payment_plan")
    plan = {"id": new_id("plan", key), "customer": customer, "invoice": invoice, "instalments": parts}
    return rows.put("payment_plan", {**plan, "currency": open_invoice["currency"]})


def hold_to(worth: Body, amount_minor: int, currency: str, *, limit: int) -> None:
    """Refuse an amount that is not positive, in another currency, or over the limit (T9)."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or amount_minor <= 0:
        raise InvalidInput("not an amount", field="amount_minor", limit="an integer above 0", action="give minor units")
    if currency != worth["currency"]:
        raise InvalidInput(
            "another currency", field="currency", limit=str(worth["currency"]), action="use the payment's currency"
        )
    if amount_minor > limit:
        raise WrongState(
            "more than is left", field="amount_minor", limit=str(limit), action="read what is left and use that"
        )
