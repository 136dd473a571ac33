"""The sandbox's file: one row an object with its JSON inside, the actions that were done, the faults that are set."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from adapters.business.sandbox.names import as_number
from shared.errors import NotFound

Body = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, customer TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (customer, kind);
CREATE TABLE IF NOT EXISTS actions (
    system TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (system, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (system TEXT PRIMARY KEY, fault TEXT NOT NULL, times_left INTEGER) WITHOUT ROWID;
"""
OF_KINDS = """
SELECT kind, body FROM objects WHERE customer = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY kind, id
"""
BUSY_MS = 5_000
# What a customer knows by its number: how that begins, and the date that tells the newest.
NUMBERED = {"invoice": ("INV", "issued"), "order": ("ORD", "placed")}


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return; transactions are begun by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


class Rows:
    """The company's objects through one connection; every look-up for a customer is scoped to that customer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: str, id: str) -> Body | None:
        """An object whoever it belongs to; None where there is none."""
        found = self._connection.execute("SELECT body FROM objects WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        return decode(found[0]) if found else None

    def owned(self, kind: str, id: str, customer: str) -> Body | None:
        """An object of this customer; None for another's, exactly as if it did not exist."""
        statement = "SELECT body FROM objects WHERE kind = ? AND id = ? AND customer = ?"
        found = self._connection.execute(statement, (kind, id, customer)).fetchone()
        return decode(found[0]) if found else None

    def numbered(self, kind: str, number: str, customer: str) -> Body | None:
        """This customer's invoice or order by its number, or the newest where the number is empty."""
        prefix, date = NUMBERED[kind]
        if number:
            return self.owned(kind, as_number(prefix, number), customer)
        return max(self.of(customer, kind), key=lambda each: str(each[date]), default=None)

    def need(self, kind: str, id: str, customer: str) -> Body:
        """An object of this customer; raises NotFound."""
        found = self.owned(kind, id, customer)
        if found is None:
            raise NotFound(f"no such {kind}", field=kind, action=f"look the {kind} up for this customer first")
        return found

    def of(self, customer: str, kind: str) -> list[Body]:
        """All of a customer's objects of a kind, by id."""
        statement = (
            "SELECT group_concat(body) FROM (SELECT body FROM objects WHERE customer = ? AND kind = ? ORDER BY id)"
        )
        return self._several(statement, (customer, kind))

    def of_kinds(self, customer: str, *kinds: str) -> dict[str, list[Body]]:
        """A customer's objects of several kinds in one look, by kind and id."""
        found: dict[str, list[Body]] = {kind: [] for kind in kinds}
        for kind, body in self._connection.execute(OF_KINDS, (customer, json.dumps(kinds))):
            found[kind].append(decode(body))
        return found

    def all(self, kind: str) -> list[Body]:
        """Every object of a kind, by id."""
        return self._several(
            "SELECT group_concat(body) FROM (SELECT body FROM objects WHERE kind = ? ORDER BY id)", (kind,)
        )

    def put(self, kind: str, body: Body) -> Body:
        """Store an object under its `id` and its `customer`, where it has one."""
        row = (kind, body["id"], body.get("customer", ""), json.dumps(body, separators=(",", ":")))
        self._connection.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", row)
        return body

    def change(self, kind: str, body: Body, **changes: Any) -> Body:
        """Store an object with some fields changed."""
        return self.put(kind, {**body, **changes})

    def customer(self, id: str) -> Body:
        """A customer; raises NotFound."""
        found = self.get("customer", id)
        if found is None:
            raise NotFound("no such customer", field="customer", action="identify the customer first")
        return found

    def now(self) -> str:
        """The company's moment: the anchor that every date in the data is relative to, ISO 8601 UTC."""
        company = self.get("company", "tallybird")
        return str(company["now"]) if company else ""

    def _several(self, statement: str, arguments: tuple[str, ...]) -> list[Body]:
        joined = self._connection.execute(statement, arguments).fetchone()[0]
        return decode(f"[{joined}]") if joined else []


def decode(text: str) -> Any:
    """JSON that this file wrote."""
    return json.loads(text)
