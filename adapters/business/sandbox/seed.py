"""The first day's data: `catalogue.toml` and `customers.toml` written out into rows, always the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.business.sandbox.seed_orders import order_rows
from adapters.business.sandbox.store import Body

HERE = Path(__file__).parent
MONTHS = ("2609", "2610", "2611")
VAT_BP = 1900
RELATIVE = re.compile(r"^@([+-]?\d+)(T\d\d:\d\d)?$")
KINDS = {
    "plans": "plan",
    "products": "product",
    "discounts": "discount",
    "components": "component",
    "incidents": "incident",
}
PRICED = ("plan", "product")

Rows = Iterator[tuple[str, Body]]


def seed_rows() -> Rows:
    """Every (kind, object) of the company, dates made absolute."""
    catalogue = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8"))
    customers = tomllib.loads((HERE / "customers.toml").read_text(encoding="utf-8"))
    company = catalogue["company"]
    catalogue, customers = (make_absolute(data, company["now"]) for data in (catalogue, customers))
    yield "company", company
    for group, kind in KINDS.items():
        priced = {"currency": company["currency"]} if kind in PRICED else {}
        yield from ((kind, {**each, **priced}) for each in catalogue[group])
    for customer in customers["customers"]:
        yield from customer_rows(customer, catalogue)


def make_absolute(value: Any, now: str) -> Any:
    """Replace every `@±days` by its date and every `@±daysThh:mm` by its moment."""
    if isinstance(value, dict):
        return {name: make_absolute(each, now) for name, each in value.items()}
    if isinstance(value, list):
        return [make_absolute(each, now) for each in value]
    found = RELATIVE.match(value) if isinstance(value, str) else None
    if not found:
        return value
    day = (datetime.fromisoformat(now) + timedelta(days=int(found[1]))).date().isoformat()
    return f"{day}{found[2]}:00+00:00" if found[2] else day


def customer_rows(told: Body, catalogue: Body) -> Rows:
    """Everything of one customer, each row marked with whose it is."""
    plan = next(plan for plan in catalogue["plans"] if plan["id"] == told["plan"])
    groups = (
        person_rows(told),
        subscription_rows(told, plan),
        invoice_rows(told, plan),
        technical_rows(told),
        order_rows(told, catalogue),
    )
    for rows in groups:
        for kind, body in rows:
            yield kind, {"customer": f"cus_{told['name']}", **body}


def person_rows(told: Body) -> Rows:
    """The customer, their users and how they pay."""
    name, domain = told["name"], told["company"].lower().replace(" ", "-") + ".example"
    yield (
        "customer",
        {
            "id": f"cus_{name}",
            "no": told["no"],
            "name": told["full_name"],
            "company": told["company"],
            "email": f"{name}@{domain}",
            "phone": f"+44 20 7946 0{told['no']}",
            "verified": ["email", "phone"],
            "pending_contact": {},
            "tier": told["tier"],
            "currency": "EUR",
            "address": address_of(told),
            "tax": told.get("tax", {"status": "standard", "vat_id": ""}),
            "status": "active",
            "customer_since": f"20{told['no'] % 7 + 19}-03-01",
        },
    )
    owner = {"name": name, "full_name": told["full_name"], "role": "owner", **told.get("owner", {})}
    for user in [owner, *told.get("users", [])]:
        row = user_row(user, domain)
        yield "user", row
        yield "verified_email", {"id": row["email"], "user": row["id"]}
    method = {"id": f"pm_{name}", "kind": "card", "last4": f"4{told['no']}", "expires": "2028-06", "state": "ok"}
    yield "payment_method", {**method, "default": True, **told.get("payment_method", {})}


def address_of(told: Body) -> Body:
    """Where the customer is."""
    street = f"Market Street {told['no']}"
    return {"street": street, "postcode": "10000", "city": told["city"], "country": told.get("country", "DE")}


def user_row(user: Body, domain: str) -> Body:
    usual = {"mfa": "on", "lock": None, "failed_sign_ins": 0, "email_verified": True}
    identity = {"id": f"usr_{user['name']}", "email": f"{user['name']}@{domain}", "name": user["full_name"]}
    return {**usual, **{name: user[name] for name in user if name != "full_name"}, **identity}


def subscription_rows(told: Body, plan: Body) -> Rows:
    usual = {
        "id": f"sub_{told['name']}",
        "plan": plan["id"],
        "price_minor": plan["price_minor"],
        "currency": "EUR",
        "status": "active",
        "suspension": None,
        "paid_until": "2026-11-30",
        "ends": None,
        "next_plan": None,
    }
    yield "subscription", {**usual, **told.get("subscription", {})}


def invoice_rows(told: Body, plan: Body) -> Rows:
    """A month's invoice, its payment (twice, or refused, where the story says so) and its usage."""
    included, extra = plan["included_calls"], plan["extra_thousand_minor"]
    for month in told.get("months", MONTHS):
        counted = included * (60 + told["no"] % 30) // 100
        usage = {"measured": counted, "billed": counted, **(told.get("usage", {}) if month == MONTHS[-1] else {})}
        over = {name: max(0, usage[name] - included) // 1000 * extra for name in ("measured", "billed")}
        number, total = f"INV-{told['no']}{month}", plan["price_minor"] + over["billed"]
        yield "invoice", invoice_row(told, month, number, plan, over["billed"])
        yield (
            "usage",
            {
                "id": f"use_{told['name']}_{month}",
                "period": f"20{month[:2]}-{month[2:]}",
                "invoice": number,
                "included": included,
                **usage,
                "billed_minor": over["billed"],
                "right_minor": over["measured"],
                "currency": "EUR",
            },
        )
        payment = {"for": {"kind": "invoice", "id": number}, "amount_minor": total, "currency": "EUR"}
        yield from payment_rows(told, month, payment)
    yield from (("refund", {"currency": "EUR", **refund}) for refund in told.get("refunds", []))


def invoice_row(told: Body, month: str, number: str, plan: Body, over_minor: int) -> Body:
    """One invoice; prices include the tax, except under reverse charge."""
    total = plan["price_minor"] + over_minor
    rate = VAT_BP if told.get("tax", {}).get("status", "standard") == "standard" else 0
    lines = [{"text": f"{plan['name']} plan", "amount_minor": plan["price_minor"]}]
    lines += [{"text": "API calls above the plan", "amount_minor": over_minor}] if over_minor else []
    unpaid = month in told.get("unpaid", [])
    return {
        "id": number,
        "period": f"20{month[:2]}-{month[2:]}",
        "issued": f"20{month[:2]}-{month[2:]}-01",
        "due": f"20{month[:2]}-{month[2:]}-15",
        "lines": lines,
        "total_minor": total,
        "tax_rate_bp": rate,
        "tax_minor": total * rate // (10_000 + rate),
        "currency": "EUR",
        "status": "overdue" if unpaid else "paid",
        "paid_minor": 0 if unpaid else total,
    }


def payment_rows(told: Body, month: str, payment: Body) -> Rows:
    """The monthly payment, refused where the month is unpaid, and its twin where it was charged twice."""
    id, moment = f"pay_{told['name']}_{month}", f"20{month[:2]}-{month[2:]}-01T04:00:00+00:00"
    usual = {**payment, "method": f"card ending in 4{told['no']}", "captured_at": moment, "refunded_minor": 0}
    yield "payment", {**usual, "id": id, "status": "failed" if month in told.get("unpaid", []) else "captured"}
    if month in told.get("charged_twice", []):
        given = sum(refund["amount_minor"] for refund in told.get("refunds", []) if refund["payment"] == f"{id}b")
        second = {"id": f"{id}b", "status": "captured", "captured_at": moment.replace("04:00", "04:02")}
        yield "payment", {**usual, **second, "refunded_minor": given}


def technical_rows(told: Body) -> Rows:
    """API keys, failed requests and sensors."""
    usual = {"id": f"key_{told['name']}", "label": "Default", "status": "active", "expires": "2027-06-30"}
    keys = told.get("api_keys", [] if told["plan"] == "starter" else [usual])
    yield from (("api_key", key) for key in keys)
    for index, log in enumerate(told.get("errors", [])):
        yield "log", {"id": f"log_{told['name']}_{index}", **log}
    yield from (("device", device) for device in told.get("devices", []))
