"""A Stripe-shaped API for tests: charges that can be refunded, invoices that can be credited, keys kept for 24 hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from shared.ports.clock import Clock
from tests.business.loopback import Asked, Said, Vendor, says

API_KEY = b"sk_test_4eC39HqLyjWDarjtT1zdp7dc"
DAY = 86_400
Body = dict[str, Any]
AMOUNTS = {"EUR": 9_900, "JPY": 5_000, "KWD": 40_000, "ISK": 500_000, "USD": 1_000_000}


class StripeCompany(Vendor):
    """One company's account; `refunds` and `credits` are its books."""

    latest = (
        80  # seconds after which a request that nobody waits for is dropped; assumed, see adapters/business/stripe.py
    )

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.charges = {charge["id"]: charge for code, most in AMOUNTS.items() for charge in any_charges(code, most)}
        self.invoices = {f"in_{code.lower()}": any_invoice(code, most) for code, most in AMOUNTS.items()}
        self.refunds: list[Body] = []
        self.credits: list[Body] = []
        self.keys: dict[str, tuple[int, tuple[str, bytes], Said]] = {}

    def acts(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def failure(self, status: int) -> Said:
        codes = {409: ("idempotency_error", "idempotency_key_in_use"), 429: ("invalid_request_error", "lock_timeout")}
        kind, code = codes.get(status, ("api_error", None))
        said = says(status, {"error": {"type": kind, "code": code, "message": "About a customer, at length."}})
        return replace(said, headers={"retry-after": "86400"}) if status == 429 else said

    def keep(self, asked: Asked, said: Said) -> Said:
        key = self._key(asked)
        self.keys[key] = (self.now(), (asked.path, asked.body), said)
        return said

    def now(self) -> int:
        return self.clock.now() // 1000

    def answer(self, asked: Asked, *, share: int = 1) -> Said:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("authorization") != f"Bearer {API_KEY.decode()}":
            return says(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}})
        if asked.method == "GET":
            return self._read(asked)
        found = self.keys.get(self._key(asked))
        if found and self.now() - found[0] < DAY:
            if found[1] != (asked.path, asked.body):
                return says(400, {"error": {"type": "idempotency_error", "message": "Other parameters."}})
            return found[2]
        return self.keep(asked, self._make(asked, dict(parse_qsl(asked.body.decode())), share))

    def forget(self) -> None:
        for made in (self.keys, self.refunds, self.credits):
            made.clear()
        for charge in self.charges.values():
            charge["amount_refunded"] = 0
            charge["refunds"]["data"].clear()

    def _key(self, asked: Asked) -> str:
        return {name.lower(): value for name, value in asked.headers.items()}["idempotency-key"]

    def _make(self, asked: Asked, form: dict[str, str], share: int) -> Said:
        about = {name[9:-1]: form.pop(name) for name in list(form) if name.startswith("metadata[")}
        made: Body = {"metadata": about, "created": self.now()}
        if asked.path == "/v1/refunds":
            return self._refund(form, made, share)
        if asked.path == "/v1/credit_notes":
            return self._credit(form, made)
        return says(404, {"error": {"type": "invalid_request_error", "message": "Unrecognized request URL"}})

    def _refund(self, form: dict[str, str], made: Body, share: int) -> Said:
        of = [
            each for each in self.charges.values() if form.get("charge", form.get("payment_intent")) in of_charge(each)
        ]
        if not of or form.keys() - {"charge", "payment_intent", "amount"}:
            return invalid("resource_missing", 404)
        charge, amount = of[0], int(form["amount"])
        if not 0 < amount <= charge["amount_captured"] - charge["amount_refunded"]:
            return invalid("charge_already_refunded", 400)
        amount = amount if share == 1 else max(1, amount // share)
        charge["amount_refunded"] += amount
        made |= {"id": f"re_{len(self.refunds) + 1}", "object": "refund", "amount": amount, "status": "succeeded"}
        self.refunds.append(made | {"charge": charge["id"], "currency": charge["currency"]})
        charge["refunds"]["data"].append(self.refunds[-1])
        return says(200, self.refunds[-1])

    def _credit(self, form: dict[str, str], made: Body) -> Said:
        invoice, amount = self.invoices.get(form["invoice"]), int(form["credit_amount"])
        if invoice is None or form["amount"] != form["credit_amount"]:
            return invalid("resource_missing", 404)
        if amount > invoice["total"]:
            return invalid("amount_too_large", 400)
        made |= {"id": f"cn_{len(self.credits) + 1}", "object": "credit_note", "amount": amount, "status": "issued"}
        self.credits.append(
            made | {name: invoice[name] for name in ("customer", "currency")} | {"invoice": invoice["id"]}
        )
        return says(200, self.credits[-1])

    def _read(self, asked: Asked) -> Said:
        _, _, kind, *ids = asked.path.split("/")
        tables: dict[str, dict[str, Body]] = {
            "charges": self.charges,
            "payment_intents": {each["payment_intent"]: each for each in self.charges.values()},
            "invoices": self.invoices,
            "refunds": {each["id"]: each for each in self.refunds},
            "credit_notes": {each["id"]: each for each in self.credits},
        }
        if ids:
            found = tables[kind].get(ids[0])
            return says(200, found) if found else invalid("resource_missing", 404)
        return self._page(list(tables[kind].values()), asked.query)

    def _page(self, rows: list[Body], query: dict[str, str]) -> Said:
        rows = [row for row in reversed(rows) if row.get("customer") == query.get("customer", row.get("customer"))]
        rows = [row for row in rows if row["created"] >= int(query.get("created[gte]", 0))]
        start = [row["id"] for row in rows].index(query["starting_after"]) + 1 if "starting_after" in query else 0
        page = rows[start : start + int(query.get("limit", 10))]
        return says(200, {"object": "list", "data": page, "has_more": start + len(page) < len(rows)})


def invalid(code: str, status: int) -> Said:
    return says(status, {"error": {"type": "invalid_request_error", "code": code, "message": "About a customer."}})


def of_charge(charge: Body) -> tuple[str, str]:
    return charge["id"], charge["payment_intent"]


def any_charges(code: str, most: int) -> list[Body]:
    """A charge of cus_eva and one of cus_ada in each currency."""
    return [any_charge(f"{whose}_{code.lower()}", f"cus_{whose}", code, most) for whose in ("eva", "ada")]


def any_charge(name: str, customer: str, code: str, most: int) -> Body:
    return {
        "id": f"ch_{name}", "object": "charge", "payment_intent": f"pi_{name}", "customer": customer,
        "amount": most, "amount_captured": most, "amount_refunded": 0, "currency": code.lower(), "captured": True,
        "status": "succeeded", "created": 1_749_000_000, "metadata": {}, "invoice": {"number": f"INV-{len(name)}07"},
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}},
        "refunds": {"data": [], "has_more": False},
    }  # fmt: skip


def any_invoice(code: str, most: int) -> Body:
    return {
        "id": f"in_{code.lower()}", "number": f"TB-{most}", "customer": "cus_eva", "currency": code.lower(),
        "status": "paid", "total": most, "amount_paid": most, "amount_remaining": 0, "created": 1_749_000_000,
    }  # fmt: skip
