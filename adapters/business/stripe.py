"""A Stripe-shaped payment API as one of our systems: refunds, credits, and what the billing tools read of it.

Our customer, payment and invoice ids are Stripe's: `cus_…`, `ch_…` or `pi_…`, `in_…`. What it promises is read at
https://docs.stripe.com/api/idempotent_requests (a key is kept for 24 hours with its first answer, a 500 too; other
arguments are an error; what fails validation or meets a request in flight is not kept) and
https://docs.stripe.com/error-low-level (401 and 429 stand before the keys; a 5xx is indeterminate).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.business import slots
from adapters.business.http_system import Api, Ask, Facts, Fields, Headers, Meaning, Operation, Request, Told, Unsigned
from adapters.business.slots import Arguments
from adapters.business.stripe_amounts import currency, to_wire
from adapters.business.stripe_facts import FACTS, NOT_MOVED, find_invoice, list_payments, list_refunds, made
from shared.errors import InvalidInput, Misconfigured, NotFound, Unavailable
from shared.ports.business_systems import ActionContract

VERSION = "2024-06-20"  # in which a charge names its invoice
DAY = 86_400
# The window is documented; the late bound is assumed: 80 s is how long Stripe's own clients wait for an answer.
CONTRACT = ActionContract(window=DAY, late_bound=80, looks_up=True, saves_failures=True, refuses_mismatch=True)
PAGE, MOST_PAGES = 100, 20
LOOKS_BACK = 30 * DAY  # an effect is looked up within minutes; what is older than this is a person's matter

KEY = slots.matching(r"[!-~]{1,255}", "1 to 255 printable ASCII characters")
CUSTOMER = slots.matching(r"cus_[A-Za-z0-9_]{1,60}", "a customer of Stripe, cus_…")
PAYMENT = slots.matching(r"(?:ch|py|pi)_[A-Za-z0-9_]{1,60}", "a payment of Stripe, ch_… or pi_…")
INVOICE = slots.matching(r"in_[A-Za-z0-9_]{1,60}", "an invoice of Stripe, in_…")
NUMBER = slots.matching(r"[A-Za-z0-9 #_-]{0,80}", "an invoice number, or nothing for the newest")
MONEY = {"customer": CUSTOMER, "amount_minor": slots.amount, "currency": currency, "reason": slots.text}

STATUSES: dict[int, Meaning] = {
    400: "refused", 401: "unavailable", 402: "refused", 403: "unavailable", 404: "refused", 429: "unavailable",
}  # fmt: skip
# A type counts where there is no code. In a 409 the same type means that the first request is still in flight.
CODES: dict[tuple[int, str], Meaning] = {
    (404, "resource_missing"): "not_found", (400, "idempotency_error"): "mismatch",
}  # fmt: skip


def refund_fields(arguments: Arguments) -> Fields:
    """https://docs.stripe.com/api/refunds/create"""
    paid = "payment_intent" if arguments["payment"].startswith("pi_") else "charge"
    amount = to_wire(arguments["amount_minor"], arguments["currency"])
    return {paid: arguments["payment"], "amount": amount, **metadata(arguments, "customer", "payment", "reason")}


def credit_fields(arguments: Arguments) -> Fields:
    """https://docs.stripe.com/api/credit_notes/create: `credit_amount` goes to the customer's balance.

    Not POST /v1/customers/…/balance_transactions: those are listed by customer only, so no key alone would find one.
    """
    amount = to_wire(arguments["amount_minor"], arguments["currency"])
    note = {"invoice": arguments["basis"], "amount": amount, "credit_amount": amount}
    return {**note, **metadata(arguments, "customer", "reason")}


def metadata(arguments: Arguments, *names: str) -> Fields:
    """What must be found again on what is made: our key first of all."""
    return {"metadata[effect]": arguments["key"], **{f"metadata[{name}]": arguments[name] for name in names}}


def need_payment(ask: Ask, arguments: Arguments) -> None:
    """The payment is this customer's and in this currency: a refund names neither, so nobody else would refuse it."""
    kind = "payment_intents" if arguments["payment"].startswith("pi_") else "charges"
    need_owned(ask, arguments, f"/v1/{kind}/{{payment}}", "payment")


def need_invoice(ask: Ask, arguments: Arguments) -> None:
    """The invoice is this customer's and in this currency."""
    need_owned(ask, arguments, "/v1/invoices/{basis}", "basis")


def need_owned(ask: Ask, arguments: Arguments, path: str, name: str) -> None:
    """What the money comes from is this customer's and in this currency, and Stripe takes such an amount (T8, T9)."""
    to_wire(arguments["amount_minor"], arguments["currency"])
    found = ask(Request("GET", path), arguments)
    if found["customer"] != arguments["customer"]:
        raise NotFound(f"no such {name} of this customer", field=name, action="look it up first")
    theirs = str(found["currency"]).upper()
    if theirs != arguments["currency"]:
        raise InvalidInput("another currency", field="currency", limit=theirs, action="use the payment's currency")


def find(ask: Ask, key: str, now: int) -> Facts | None:
    """A refund or a credit by the key in its metadata; Stripe's search knows neither, but their lists do."""
    for path in ("/v1/refunds", "/v1/credit_notes"):
        told = find_listed(ask, path, key, now - LOOKS_BACK)
        if told is not None and told["status"] not in NOT_MOVED:
            return FACTS[told["object"]](told)
    return None


def find_listed(ask: Ask, path: str, key: str, since: int) -> Told | None:
    """What carries our key, newest first; raises Unavailable where there is too much of it: that is not absent."""
    fields: Fields = {"limit": PAGE, "created[gte]": since}
    for _ in range(MOST_PAGES):
        told = ask(Request("GET", path, fields=exactly(fields)), {})
        for each in told["data"]:
            if (each.get("metadata") or {}).get("effect") == key:
                return dict(each)
        if not told["has_more"]:
            return None
        fields = {**fields, "starting_after": told["data"][-1]["id"]}
    raise Unavailable(f"{path} has more than {PAGE * MOST_PAGES} to look through")


def exactly(fields: Fields) -> Callable[[Arguments], Fields]:
    """Fields that do not depend on arguments."""
    return lambda arguments: fields


def of_customer(path: str, *expanded: str) -> Request:
    """A customer's list, the longest page of it, newest first."""
    more = {"expand[]": expanded[0]} if expanded else {}
    return Request("GET", path, fields=lambda arguments: {"customer": arguments["customer"], "limit": PAGE, **more})


def sign(unsigned: Unsigned) -> Headers:
    """The API key, the version that this table was written for, and an action's own key."""
    api_key = unsigned.secret.strip()
    if not api_key.isalnum() and not api_key.replace(b"_", b"").isalnum():
        raise Misconfigured("Stripe's API key is to be stored as it was issued: letters, digits and _")
    headers = {"authorization": f"Bearer {api_key.decode('ascii')}", "stripe-version": VERSION}
    return {**headers, "idempotency-key": unsigned.key} if unsigned.key else headers


def code_of(told: Told) -> Any:
    """An error's code, or its type where it has none: https://docs.stripe.com/api/errors"""
    return told["error"].get("code") or told["error"]["type"]


STRIPE = Api(
    contract=CONTRACT,
    key=KEY,
    reads={
        "payments": Operation({"customer": CUSTOMER}, of_customer("/v1/charges", "data.invoice"), list_payments),
        "refunds": Operation({"customer": CUSTOMER}, of_customer("/v1/charges", "data.refunds"), list_refunds),
        "invoice": Operation({"customer": CUSTOMER, "number": NUMBER}, of_customer("/v1/invoices"), find_invoice),
    },
    actions={
        "refund": Operation(
            {**MONEY, "payment": PAYMENT}, Request("POST", "/v1/refunds", "form", refund_fields), made, need_payment
        ),
        "credit": Operation(
            {**MONEY, "basis": INVOICE}, Request("POST", "/v1/credit_notes", "form", credit_fields), made, need_invoice
        ),
    },
    sign=sign,
    find=find,
    code_of=code_of,
    statuses=STATUSES,
    codes=CODES,
)
