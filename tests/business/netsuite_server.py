"""A NetSuite-shaped record API for tests: external ids are unique a record type, an upsert changes what it finds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from shared.ports.clock import Clock
from tests.business.loopback import Asked, Said, Vendor, says

TOKEN = {
    "account": "1234567_SB1", "consumer_key": "ck", "consumer_secret": "c&s", "token": "tk", "token_secret": "t/s",
}  # fmt: skip
RECORDS = "/services/rest/record/v1/"
CURRENCIES = {"EUR": "4", "JPY": "5", "KWD": "6"}
PAID = {"EUR": "99.00", "JPY": "5000", "KWD": "40.00"}
QUERY = re.compile(
    r"SELECT .* FROM transaction WHERE type = '(\w+)' AND entity = (\d+)(?: AND tranid = '([\w-]+)')? .*"
)
Body = dict[str, Any]


class NetSuiteCompany(Vendor):
    """One company's account; `records` are its books, by type."""

    latest = 15 * 60  # seconds after which a request is ended

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.url = ""
        self.records: dict[str, list[Body]] = {"customerRefund": [], "creditMemo": []}
        self.payments = {f"{whose}{at}": (whose, code) for whose in "78" for at, code in enumerate(CURRENCIES)}

    @property
    def refunds(self) -> list[Body]:
        return self.records["customerRefund"]

    def forget(self) -> None:
        for made in self.records.values():
            made.clear()

    def acts(self, asked: Asked) -> bool:
        return asked.method in ("POST", "PUT") and asked.path.startswith(RECORDS)

    def failure(self, status: int) -> Said:
        said = wrong(status, {429: "CONCURRENCY_LIMIT_EXCEEDED", 409: "CONFLICT"}.get(status, "UNEXPECTED_ERROR"))
        return replace(said, headers={"retry-after": "86400"}) if status == 429 else said

    def answer(self, asked: Asked, *, share: int = 1) -> Said:
        if not self._signed(asked):
            return wrong(401, "INVALID_LOGIN")
        if asked.path.endswith("/suiteql"):
            return self._query(json.loads(asked.body)["q"], asked)
        kind, _, id = asked.path.removeprefix(RECORDS).partition("/")
        if asked.method == "GET":
            return self._read(kind, id)
        if kind not in self.records:
            return wrong(404, "INVALID_URL")
        body, external = json.loads(asked.body), unquote(id).removeprefix("eid:")
        if asked.method == "PUT":
            return self._upsert(kind, external, body)
        if any(each["externalId"] == body["externalId"] for each in self.records[kind]):
            return wrong(400, "USER_ERROR")
        return self._create(kind, body, share)

    def _create(self, kind: str, body: Body, share: int) -> Said:
        (line,) = body["apply"]["items"]
        left = self.left(kind, line["doc"]["id"])
        if not 0 < line["amount"] <= left:
            return wrong(400, "USER_ERROR")
        total = line["amount"] if share == 1 else max(1, int(line["amount"]) // share)
        line["amount"] = total
        day = datetime.fromtimestamp(self.clock.now() // 1000, UTC).date().isoformat()
        row = {**body, "id": str(900 + sum(map(len, self.records.values()))), "total": total, "tranDate": day}
        self.records[kind].append(row)
        return Said(204, headers={"location": f"{RECORDS}{kind}/{row['id']}"})

    def _upsert(self, kind: str, external: str, body: Body) -> Said:
        for each in self.records[kind]:
            if each["externalId"] == external:
                (line,) = body["apply"]["items"]
                each |= {**body, "total": line["amount"]}
                return Said(204)
        return self._create(kind, {**body, "externalId": external}, 1)

    def left(self, kind: str, id: str) -> float:
        """What may still be given back of a payment, or credited on an invoice."""
        spent = sum(float(each["total"]) for each in self.records[kind] if each["apply"]["items"][0]["doc"]["id"] == id)
        return float(PAID[self.payments[id][1]]) - spent

    def _read(self, kind: str, id: str) -> Said:
        if kind in ("customerPayment", "invoice") and id in self.payments:
            owner, code = self.payments[id]
            whose = "customer" if kind == "customerPayment" else "entity"
            return says(200, {"id": id, whose: {"id": owner}, "currency": {"id": CURRENCIES[code], "refName": code}})
        external = unquote(id).removeprefix("eid:")
        for each in self.records.get(kind, ()):
            if each["externalId"] == external:
                return says(200, each)
        return wrong(404, "NONEXISTENT_ID")

    def _query(self, text: str, asked: Asked) -> Said:
        found = QUERY.fullmatch(text)
        if found is None or {name.lower(): value for name, value in asked.headers.items()}.get("prefer") != "transient":
            return wrong(400, "INVALID_PARAMETER")
        kind, customer, number = found.groups()
        rows = self._refund_rows(customer) if kind == "CustRfnd" else invoice_rows(self.payments, customer, number)
        return says(200, {"items": rows, "hasMore": False})

    def _refund_rows(self, customer: str) -> list[Body]:
        return [
            {"id": each["id"], "tranid": each["id"], "memo": each["memo"], "currency": each["currency"]["id"],
             "foreigntotal": f"-{each['total']:.2f}", "trandate": each["tranDate"]}
            for each in reversed(self.refunds) if each["customer"]["id"] == customer
        ]  # fmt: skip

    def _signed(self, asked: Asked) -> bool:
        """Whether the request carries the signature that its own address, times and secrets make; a second opinion."""
        header = {name.lower(): value for name, value in asked.headers.items()}.get("authorization", "")
        said = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        signature, realm = said.pop("oauth_signature", ""), said.pop("realm", "")
        pairs = sorted([*said.items(), *asked.query.items()])
        joined = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
        base = f"{asked.method}&{quote(self.url + asked.path, safe='~')}&{quote(joined, safe='~')}"
        key = f"{quote(TOKEN['consumer_secret'], safe='')}&{quote(TOKEN['token_secret'], safe='')}"
        right = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()
        return realm == TOKEN["account"] and hmac.compare_digest(signature, right)


def invoice_rows(payments: dict[str, tuple[str, str]], customer: str, number: str | None) -> list[Body]:
    return [
        {"id": id, "tranid": f"INV{id}", "memo": None, "currency": CURRENCIES[code], "foreigntotal": PAID[code],
         "foreignamountunpaid": "10.00", "trandate": "2026-11-01"}
        for id, (whose, code) in payments.items() if whose == customer and number in (None, f"INV{id}")
    ]  # fmt: skip


def wrong(status: int, code: str) -> Said:
    return says(status, {"status": status, "o:errorDetails": [{"detail": "About a customer.", "o:errorCode": code}]})
