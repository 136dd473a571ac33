"""A NetSuite-shaped record API as one of our systems: customer refunds, credit memos, and what can be read of them.

Our ids are NetSuite's internal ids; our key is a record's external id. What it promises is read at
https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/<page>.html, the pages being named here. An external id is
unique among the records of its type (section_156334828635); an upsert, PUT …/eid:…, would *change* what was created
under it (section_156335203191), so money is POSTed, and a second time that is a 400. Idempotency keys hold only for
asynchronous requests (subsect_164494900632). A request is ended after 15 minutes (subsect_1559222360).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.business import slots
from adapters.business.http_system import Api, Ask, Facts, Fields, Headers, Meaning, Operation, Request, Told, Unsigned
from adapters.business.oauth1 import authorise, read_token
from adapters.business.slots import Arguments
from shared.domain.money import exponent
from shared.errors import InvalidInput, NotFound
from shared.ports.business_systems import ActionContract

LONGEST_REQUEST = 15 * 60
# No window is documented for a key, so nothing is sent twice; what was created is found by it for good.
CONTRACT = ActionContract(window=0, late_bound=LONGEST_REQUEST, looks_up=True, refuses_mismatch=True)
RECORDS = "/services/rest/record/v1"
PRECISIONS = (0, 2)  # the only ones that a currency of NetSuite has: section_N1397831
EXPANDED = {"expandSubResources": "true"}

KEY = slots.matching(r"[A-Za-z0-9_-]{1,100}", "1 to 100 letters, digits, _ and -")
INTERNAL = slots.matching(r"[0-9]{1,15}", "an internal id of NetSuite")
NUMBER = slots.matching(r"[A-Za-z0-9_-]{0,40}", "an invoice number, or nothing for the newest")

STATUSES: dict[int, Meaning] = {400: "refused", 401: "unavailable", 403: "unavailable", 429: "unavailable"}
# Not every 404: behind a wrong address everything seems absent. Concurrency: bridgehead_1525252812.
CODES: dict[tuple[int, str], Meaning] = {
    (404, "NONEXISTENT_ID"): "not_found",
    (400, "SSS_REQUEST_LIMIT_EXCEEDED"): "unavailable",
}


@dataclass(frozen=True, slots=True)
class Books:
    """How a company has set up its NetSuite: internal ids of currencies by ISO code, and of what its records name."""

    currencies: dict[str, str]
    account: str  # that refunds are paid from
    credit_item: str  # that credit memos are written for

    def currency(self, name: str, given: Any) -> None:
        """A slot for a currency that the company has, and of which NetSuite keeps every minor unit (F50)."""
        slots.currency(name, given)
        if given not in self.currencies or exponent(given) not in PRECISIONS:
            limit = ", ".join(code for code in sorted(self.currencies) if exponent(code) in PRECISIONS)
            raise InvalidInput("not one of its currencies", field=name, limit=limit, action="hand it to an operator")

    def code(self, internal: Any) -> str:
        """A currency's ISO code; raises LookupError."""
        return {known: code for code, known in self.currencies.items()}[str(internal)]

    def refund_fields(self, arguments: Arguments) -> Fields:
        """article_0830082954"""
        paid = {"doc": {"id": arguments["payment"]}, "apply": True, "amount": to_wire(arguments)}
        return {
            "externalId": arguments["key"],
            "customer": {"id": arguments["customer"]},
            "currency": {"id": self.currencies[arguments["currency"]]},
            "account": {"id": self.account},
            "memo": arguments["reason"],
            "apply": {"items": [paid]},
        }

    def credit_fields(self, arguments: Arguments) -> Fields:
        """article_164460021767"""
        line = {"item": {"id": self.credit_item}, "amount": to_wire(arguments)}
        owed = {"doc": {"id": arguments["basis"]}, "apply": True, "amount": to_wire(arguments)}
        return {
            "externalId": arguments["key"],
            "entity": {"id": arguments["customer"]},
            "currency": {"id": self.currencies[arguments["currency"]]},
            "memo": arguments["reason"],
            "item": {"items": [line]},
            "apply": {"items": [owed]},
        }

    def need_payment(self, ask: Ask, arguments: Arguments) -> None:
        found = ask(Request("GET", f"{RECORDS}/customerPayment/{{payment}}"), arguments)
        self._need_owned(found, "customer", arguments)

    def need_invoice(self, ask: Ask, arguments: Arguments) -> None:
        found = ask(Request("GET", f"{RECORDS}/invoice/{{basis}}"), arguments)
        self._need_owned(found, "entity", arguments)

    def _need_owned(self, found: Told, owner: str, arguments: Arguments) -> None:
        """What the money comes from is this customer's and in this currency (T8, T9)."""
        if found[owner]["id"] != arguments["customer"]:
            raise NotFound("no such payment of this customer", field="payment", action="look it up first")
        if found["currency"]["id"] != self.currencies[arguments["currency"]]:
            raise InvalidInput("another currency", field="currency", limit="the payment's", action="use its currency")

    def find(self, ask: Ask, key: str, now: int) -> Facts | None:
        """A refund or a credit memo by its external id."""
        for kind, facts in (("customerRefund", self.refund_facts), ("creditMemo", self.credit_facts)):
            request = Request("GET", f"{RECORDS}/{kind}/eid:{{external}}", fields=lambda arguments: EXPANDED)
            try:
                return facts(ask(request, {"external": key}))
            except NotFound:
                continue
        return None

    def refund_facts(self, told: Told) -> Facts:
        return {"payment": applied_to(told), **self._facts(told, "customer"), "status": "sent_to_bank"}

    def credit_facts(self, told: Told) -> Facts:
        return {"basis": applied_to(told), **self._facts(told, "entity")}

    def _facts(self, told: Told, owner: str) -> Facts:
        code = self.code(told["currency"]["id"])
        return {
            "id": str(told["id"]),
            "customer": told[owner]["id"],
            "amount_minor": from_wire(told["total"], code),
            "currency": code,
            "reason": told.get("memo"),
            "created_at": told["tranDate"],
        }

    def list_refunds(self, told: Told, arguments: Arguments) -> Facts:
        """Refunds as a query's rows tell them."""
        return {"refunds": [self._row(each, arguments) for each in whole(told)], "as_of": None}

    def find_invoice(self, told: Told, arguments: Arguments) -> Facts:
        """The invoice of that number, or the newest."""
        rows = whole(told)
        if not rows:
            return {"found": False}
        facts = self._row(rows[0], arguments)
        total, due = facts.pop("amount_minor"), from_wire(rows[0]["foreignamountunpaid"], facts["currency"])
        amounts = {"total_minor": total, "paid_minor": total - due, "due_minor": due, "number": rows[0]["tranid"]}
        return {"found": True, "invoice": {**facts, **amounts}}

    def _row(self, row: Told, arguments: Arguments) -> Facts:
        code = self.code(row["currency"])
        amount = {"amount_minor": abs(from_wire(row["foreigntotal"], code)), "currency": code}
        about = {"id": str(row["id"]), "customer": arguments["customer"], "reason": row.get("memo")}
        return {**about, **amount, "created_at": row["trandate"]}


def to_wire(arguments: Arguments) -> int | float:
    """Minor units as NetSuite's decimals. A float of two places and ten digits prints as just these digits."""
    places = exponent(arguments["currency"])
    return float(Decimal(arguments["amount_minor"]).scaleb(-places)) if places else int(arguments["amount_minor"])


def from_wire(told: Any, code: str) -> int:
    """NetSuite's decimals as minor units; raises ValueError where they are no whole ones."""
    minor = Decimal(told).scaleb(exponent(code))
    if minor != minor.to_integral_value():
        raise ValueError("an amount that is no whole number of minor units")
    return int(minor)


def applied_to(told: Told) -> str:
    """What a record was applied to."""
    lines = [line for line in told["apply"]["items"] if line.get("apply", True)]
    return str(lines[0]["doc"]["id"])


def whole(told: Told) -> list[Told]:
    """A query's rows; raises ValueError where there are more: part of them would be told as if it were all."""
    if told.get("hasMore"):
        raise ValueError("more rows than one page")
    return list(told["items"])


COLUMNS = (
    "SELECT id, tranid, memo, currency, foreigntotal, foreignamountunpaid,"
    " TO_CHAR(trandate, 'YYYY-MM-DD') AS trandate FROM transaction"
)


def query(kind: str) -> Request:
    """A customer's transactions of one kind, newest first, by SuiteQL (section_157909186990)."""

    def fields(arguments: Arguments) -> Fields:
        # The slots let through digits, and letters without a quote: nothing that could end a literal.
        number = arguments.get("number")
        wanted = [
            f"type = '{kind}'",
            f"entity = {arguments['customer']}",
            *([f"tranid = '{number}'"] if number else []),
        ]
        return {"q": f"{COLUMNS} WHERE {' AND '.join(wanted)} ORDER BY id DESC"}

    return Request("POST", "/services/rest/query/v1/suiteql", "json", fields, {"prefer": "transient"})


def sign(unsigned: Unsigned) -> Headers:
    """Token-based authentication: section_1534941088."""
    token, query = read_token(unsigned.secret), {name: str(value) for name, value in unsigned.query.items()}
    signed = authorise(token, unsigned.method, unsigned.url, query, unsigned.nonce, unsigned.seconds)
    return {"authorization": signed}


def code_of(told: Told) -> Any:
    """An error's code: section_156570709583."""
    return told["o:errorDetails"][0]["o:errorCode"]


def netsuite(books: Books) -> Api:
    """The table for one company's NetSuite."""
    money = {"customer": INTERNAL, "amount_minor": slots.amount, "currency": books.currency, "reason": slots.text}
    refund = Request("POST", f"{RECORDS}/customerRefund", "json", books.refund_fields)
    credit = Request("POST", f"{RECORDS}/creditMemo", "json", books.credit_fields)
    return Api(
        contract=CONTRACT,
        key=KEY,
        reads={
            "refunds": Operation({"customer": INTERNAL}, query("CustRfnd"), books.list_refunds),
            "invoice": Operation({"customer": INTERNAL, "number": NUMBER}, query("CustInvc"), books.find_invoice),
        },
        actions={
            "refund": Operation({**money, "payment": INTERNAL}, refund, lambda *_: {}, books.need_payment),
            "credit": Operation({**money, "basis": INTERNAL}, credit, lambda *_: {}, books.need_invoice),
        },
        sign=sign,
        find=books.find,
        code_of=code_of,
        statuses=STATUSES,
        codes=CODES,
        reads_back=True,
    )
