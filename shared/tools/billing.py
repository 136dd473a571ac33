"""Billing's tools that look things up: what is owed, what was paid, what was charged twice, what was used."""

from __future__ import annotations

from typing import Any

from shared.ports.business_systems import BusinessSystems
from shared.tools.slots import Number, checked
from shared.tools.tool import Facts


@checked
def get_billing_information(systems: BusinessSystems, *, customer: str) -> Facts:
    """Read the customer's balance, subscriptions, open invoices and payment method."""
    facts = systems.read("billing", "overview", {"customer": customer})
    invoices = {
        invoice["id"]: {"amount_minor": invoice["due_minor"], "currency": invoice["currency"]}
        for invoice in facts["open_invoices"]
    }
    return {
        **facts,
        "subscription": facts["subscriptions"][0] if facts["subscriptions"] else None,
        "open_invoice": facts["open_invoices"][0] if facts["open_invoices"] else None,
        "handles": {"invoice": invoices, "subscription": subscription_handles(facts["subscriptions"])},
    }


def subscription_handles(subscriptions: list[Facts]) -> dict[str, Facts]:
    """Subscriptions as later tools may name them."""
    return {each["id"]: {"plan": each["plan"], "status": each["status"]} for each in subscriptions}


@checked
def list_payments(
    systems: BusinessSystems, *, customer: str, order_number: Number = "", invoice_number: Number = ""
) -> Facts:
    """List the customer's payments, newest first, all of them or those of one order or invoice."""
    facts = read_payments(systems, customer, order_number, invoice_number)
    payments = facts["payments"]
    return {
        "found": bool(payments),
        "payments": payments,
        "as_of": facts["as_of"],
        "handles": {"payment": payment_handles(payments)},
    }


def read_payments(systems: BusinessSystems, customer: str, order: str, invoice: str) -> Facts:
    """The customer's payments, newest first: those for what was named, or all of them."""
    facts = systems.read("billing", "payments", {"customer": customer})
    return {**facts, "payments": [payment for payment in facts["payments"] if concerns(payment, order, invoice)]}


def concerns(payment: Facts, order: str, invoice: str) -> bool:
    """Whether a payment is for what was named; for anything where nothing was."""
    wanted = {digits(number) for number in (order, invoice) if number}
    return not wanted or digits(payment["for"]["id"]) in wanted


def digits(number: str) -> str:
    """What identifies a number however it was written."""
    return "".join(character for character in number if character.isdigit())


def payment_handles(payments: list[Facts]) -> dict[str, Facts]:
    """Payments that can be refunded; the amount of a refund is what is left of the payment."""
    return {
        payment["id"]: {
            "amount_minor": payment["refundable_minor"],
            "currency": payment["currency"],
            "refundable_minor": payment["refundable_minor"],
        }
        for payment in payments
        if payment["refundable_minor"] > 0
    }


@checked
def find_duplicate_charge(
    systems: BusinessSystems, *, customer: str, order_number: Number = "", invoice_number: Number = ""
) -> Facts:
    """Find payments that were captured twice for the same order or invoice."""
    groups = group_captured(read_payments(systems, customer, order_number, invoice_number)["payments"])
    duplicates = [{**extra, "duplicate_of": group[0]["id"]} for group in groups for extra in group[1:]]
    open_ones = [payment for group in groups for payment in beyond_one(group)]
    return {
        "found": bool(duplicates),
        "duplicates": duplicates,
        "already_refunded": bool(duplicates) and not open_ones,
        "payment": next(iter(open_ones or duplicates), None),
        "handles": {"payment": payment_handles(open_ones)},
    }


def group_captured(payments: list[Facts]) -> list[list[Facts]]:
    """Captured payments of the same amount for the same thing together, the oldest first."""
    captured = [payment for payment in payments if payment["status"] == "captured"]
    alike: dict[tuple[Any, ...], list[Facts]] = {}
    for payment in sorted(captured, key=lambda each: str(each["captured_at"])):
        alike.setdefault((payment["for"]["id"], payment["amount_minor"], payment["currency"]), []).append(payment)
    return list(alike.values())


def beyond_one(group: list[Facts]) -> list[Facts]:
    """What to give back: one payment stays, and where one was refunded already, there is one fewer."""
    return [payment for payment in group if payment["refundable_minor"]][1:]


@checked
def get_refund_status(systems: BusinessSystems, *, customer: str) -> Facts:
    """List the customer's refunds with the date by which the money arrives, the newest also as `refund`."""
    facts = systems.read("billing", "refunds", {"customer": customer})
    newest = max(facts["refunds"], key=lambda refund: str(refund["created_at"]), default=None)
    return {"found": newest is not None, "refund": newest, **facts}


@checked
def get_invoice(systems: BusinessSystems, *, customer: str, invoice_number: Number = "") -> Facts:
    """Read one of the customer's invoices by its number, or the newest."""
    facts = systems.read("billing", "invoice", {"customer": customer, "number": invoice_number})
    if not facts["found"]:
        return facts
    invoice = facts["invoice"]
    handle = {"amount_minor": invoice["due_minor"], "currency": invoice["currency"]}
    return {**facts, "handles": {"invoice": {invoice["id"]: handle}}}


@checked
def get_payment_status(
    systems: BusinessSystems, *, customer: str, order_number: Number = "", invoice_number: Number = ""
) -> Facts:
    """Say whether the latest payment, or that of one order or invoice, was captured, refused or refunded."""
    payments = read_payments(systems, customer, order_number, invoice_number)["payments"]
    if not payments:
        return {"found": False}
    return {"found": True, "payment": payments[0], "status": status_of(payments[0])}


def status_of(payment: Facts) -> str:
    """One word for a payment: failed, captured, partly_refunded, refunded."""
    if payment["status"] != "captured" or not payment["refunded_minor"]:
        return str(payment["status"])
    return "partly_refunded" if payment["refundable_minor"] else "refunded"


@checked
def compare_usage(systems: BusinessSystems, *, customer: str) -> Facts:
    """Compare the API calls that were billed with those measured, and name the incident that explains a difference."""
    facts = systems.read("billing", "usage", {"customer": customer})
    wrong = find_overbilled(facts["usage"])
    first = wrong[0] if wrong else {}
    basis = {
        month["invoice"]: {"amount_minor": month["overbilled_minor"], "currency": month["currency"]} for month in wrong
    }
    return {
        "matches": not wrong,
        "overbilled": wrong,
        "invoice": first.get("invoice"),
        "amount_minor": sum(month["overbilled_minor"] for month in wrong),
        "currency": first.get("currency"),
        "latest": facts["usage"][-1] if facts["usage"] else None,
        "incident": facts["incident"] and {name: facts["incident"][name] for name in INCIDENT_FACTS},
        "as_of": facts["as_of"],
        "handles": {"basis": basis},
    }


def find_overbilled(months: list[Facts]) -> list[Facts]:
    """Months for which more was billed than is right and than was credited since, with the difference."""
    compared = [
        {**month, "overbilled_minor": month["billed_minor"] - month["right_minor"] - month["credited_minor"]}
        for month in months
    ]
    return [month for month in compared if month["overbilled_minor"] > 0]


INCIDENT_FACTS = ("id", "title", "status", "opened", "expected_end", "workaround", "follow_up")
