"""Billing: what a customer owes and paid, their invoices, usage and tax status."""

from __future__ import annotations

from adapters.business.sandbox.store import Body, Rows
from shared.errors import NotFound


def overview(rows: Rows, *, customer: str) -> Body:
    """Balance (below zero: the customer owes it), subscriptions, open invoices, payment methods and credits."""
    held = rows.of_kinds(customer, "customer", "invoice", "credit", "subscription", "payment_method", "payment_plan")
    filed = held["customer"][0] if held["customer"] else rows.customer(customer)
    unpaid = [{**invoice, "due_minor": due(invoice)} for invoice in held["invoice"] if due(invoice)]
    given = sum(int(credit["amount_minor"]) for credit in held["credit"])
    return {
        "balance": {
            "amount_minor": given - sum(int(invoice["due_minor"]) for invoice in unpaid),
            "currency": filed["currency"],
            "as_of": rows.now(),
        },
        "subscriptions": held["subscription"],
        "open_invoices": unpaid,
        "payment_methods": held["payment_method"],
        "payment_plans": held["payment_plan"],
        "credits": held["credit"],
        "tax": filed["tax"],
    }


def due(invoice: Body) -> int:
    """What is still to be paid of an invoice, minor units."""
    return max(0, int(invoice["total_minor"]) - int(invoice["paid_minor"]))


def list_subscriptions(rows: Rows, *, customer: str) -> Body:
    rows.customer(customer)
    return {"subscriptions": rows.of(customer, "subscription")}


def list_payments(rows: Rows, *, customer: str) -> Body:
    """All payments, newest first; `refundable_minor` is what the company could still give back."""
    rows.customer(customer)
    payments = [{**payment, "refundable_minor": refundable(payment)} for payment in rows.of(customer, "payment")]
    return {"payments": sorted(payments, key=lambda payment: payment["captured_at"], reverse=True), "as_of": rows.now()}


def refundable(payment: Body) -> int:
    """What is left of a captured payment, minor units."""
    return int(payment["amount_minor"]) - int(payment["refunded_minor"]) if payment["status"] == "captured" else 0


def list_refunds(rows: Rows, *, customer: str) -> Body:
    rows.customer(customer)
    return {"refunds": rows.of(customer, "refund"), "as_of": rows.now()}


def find_invoice(rows: Rows, *, customer: str, number: str) -> Body:
    """An invoice of this customer by number, or the newest where the number is empty."""
    rows.customer(customer)
    found = rows.numbered("invoice", number, customer)
    return {"found": True, "invoice": {**found, "due_minor": due(found)}} if found else {"found": False}


def list_usage(rows: Rows, *, customer: str) -> Body:
    """Measured and billed API calls a month, what was credited since, and the incident that explains a difference."""
    rows.customer(customer)
    credits = rows.of(customer, "credit")
    usage = [{**month, "credited_minor": credited(credits, month["invoice"])} for month in rows.of(customer, "usage")]
    incidents = [incident for incident in rows.all("incident") if incident["status"] != "resolved"]
    metering = [i for i in incidents if "metering" in i["components"] and customer in i["customers"]]
    return {"usage": usage, "incident": metering[0] if metering else None, "as_of": rows.now()}


def credited(credits: list[Body], basis: str) -> int:
    """What was credited for an invoice or an order so far, minor units."""
    return sum(int(credit["amount_minor"]) for credit in credits if credit["basis"] == basis)


def send_invoice(rows: Rows, *, key: str, customer: str, invoice: str) -> Body:
    """Mail a copy to the billing address on file."""
    filed = rows.customer(customer)
    rows.need("invoice", invoice, customer)
    return {"invoice": invoice, "sent_to": filed["email"], "sent_at": rows.now()}


def update_tax_status(rows: Rows, *, key: str, customer: str, status: str, vat_id: str) -> Body:
    """File a tax status; it applies from the next invoice on."""
    filed = rows.customer(customer)
    tax = {"status": status, "vat_id": vat_id, "valid_from": rows.now()}
    rows.change("customer", filed, tax=tax)
    return {"tax": tax}


def need_invoice(rows: Rows, invoice: str, customer: str) -> Body:
    """An invoice that still has something to pay; raises NotFound."""
    found = rows.need("invoice", invoice, customer)
    if due(found) == 0:
        raise NotFound("nothing is open on this invoice", field="invoice", action="name an open invoice")
    return found
