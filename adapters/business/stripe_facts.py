"""Stripe's objects (https://docs.stripe.com/api, at the version of stripe.py) as facts that our billing tools know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.business.http_system import Facts, Told
from adapters.business.slots import Arguments
from adapters.business.stripe_amounts import from_wire
from shared.errors import WrongState

ARRIVES_DAYS = 14  # 5 to 10 business days, https://docs.stripe.com/refunds
NOT_MOVED = ("failed", "canceled", "void")


def money(told: Told, name: str = "amount") -> Facts:
    """An amount and its currency."""
    code = str(told["currency"]).upper()
    return {"amount_minor": from_wire(told[name], code), "currency": code}


def made(told: Told, arguments: Arguments) -> Facts:
    """What an action made; raises WrongState where the answer itself says that no money moved."""
    if told["status"] in NOT_MOVED:
        raise WrongState(f"the {told['object']} is {told['status']}", field="payment", action="hand it to an operator")
    return FACTS[told["object"]](told)


def refund_facts(told: Told) -> Facts:
    """A refund; its customer, payment and reason are what we wrote into it."""
    about = told.get("metadata") or {}
    return {
        "id": told["id"],
        "customer": about.get("customer"),
        "payment": about.get("payment") or told.get("charge") or told.get("payment_intent"),
        **money(told),
        "reason": about.get("reason"),
        "status": {"succeeded": "sent_to_bank"}.get(told["status"], told["status"]),
        "created_at": moment(told["created"]),
        "expected_by": (at(told["created"]) + timedelta(days=ARRIVES_DAYS)).date().isoformat(),
    }


def credit_facts(told: Told) -> Facts:
    """A credit note, which credits the customer's balance."""
    reason = (told.get("metadata") or {}).get("reason")
    facts = {"id": told["id"], "customer": told["customer"], "basis": told["invoice"], **money(told)}
    return {**facts, "reason": reason, "created_at": moment(told["created"])}


FACTS = {"refund": refund_facts, "credit_note": credit_facts}


def payment_facts(told: Told) -> Facts:
    """A charge as a payment: `captured`, `failed` or `pending`."""
    captured = told["status"] == "succeeded" and told["captured"]
    paid, back = money(told, "amount_captured" if captured else "amount"), money(told, "amount_refunded")
    return {
        "id": told["id"],
        "customer": told["customer"],
        "for": bought(told),
        **paid,
        "status": "captured" if captured else STATES.get(told["status"], "pending"),
        "method": method(told),
        "captured_at": moment(told["created"]),
        "refunded_minor": back["amount_minor"],
        "refundable_minor": paid["amount_minor"] - back["amount_minor"] if captured else 0,
    }


STATES = {"failed": "failed"}


def bought(told: Told) -> Facts:
    """What a charge was for: the order that its metadata names, or its invoice."""
    order = (told.get("metadata") or {}).get("order")
    return (
        {"kind": "order", "id": order}
        if order
        else {"kind": "invoice", "id": (told.get("invoice") or {}).get("number") or ""}
    )


def method(told: Told) -> str:
    """The card that was charged, as a customer knows it."""
    card = (told.get("payment_method_details") or {}).get("card")
    return f"{card['brand']} ending in {card['last4']}" if card else "payment method"


def list_payments(told: Told, arguments: Arguments) -> Facts:
    """A customer's payments, newest first."""
    return {"payments": [payment_facts(each) for each in whole(told)], "as_of": None}


def list_refunds(told: Told, arguments: Arguments) -> Facts:
    """The refunds of a customer's charges; a list of refunds cannot be asked for by customer."""
    refunds = [refund_facts(refund) for charge in whole(told) for refund in whole(charge["refunds"])]
    return {"refunds": [{**refund, "customer": arguments["customer"]} for refund in refunds], "as_of": None}


def find_invoice(told: Told, arguments: Arguments) -> Facts:
    """The customer's invoice of that number, or the newest."""
    wanted = digits(arguments["number"])
    found = next((each for each in told["data"] if wanted in ("", digits(each.get("number")))), None)
    if found is None:
        whole(told)
        return {"found": False}
    amounts = {ours: money(found, theirs)["amount_minor"] for ours, theirs in INVOICE_AMOUNTS.items()}
    about = {name: found[name] for name in ("id", "number", "customer", "status")}
    currency, issued = money(found, "total")["currency"], moment(found["created"])
    return {"found": True, "invoice": {**about, **amounts, "currency": currency, "issued_at": issued}}


INVOICE_AMOUNTS = {"total_minor": "total", "paid_minor": "amount_paid", "due_minor": "amount_remaining"}


def whole(told: Told) -> list[Told]:
    """A list's data; raises ValueError where there is more of it: part of a list would be told as if it were all."""
    if told.get("has_more"):
        raise ValueError("a longer list than is asked for")
    return list(told["data"])


def digits(number: Any) -> str:
    """What identifies a number however it was written."""
    return "".join(filter(str.isdigit, str(number)))


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment(seconds: int) -> str:
    return at(seconds).isoformat().replace("+00:00", "Z")
