"""The sandbox company: the business systems behind the tools, embedded, durable, with a fault switch each."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from adapters.business.sandbox.operations import ACTIONS, CONTRACTS, READS, Operation
from adapters.business.sandbox.seed import seed_rows
from adapters.business.sandbox.store import SCHEMA, Body, Rows, connect, decode
from shared.errors import InvalidInput, Refused, Unavailable, Uncertain, Unsupported
from shared.ports.business_systems import ActionContract

Fault = Literal["slow", "down", "fails_after"]
SLOW_SECONDS = 3.0
NOTHING: frozenset[str] = frozenset()


class Sandbox:
    """Tallybird's systems in `sandbox.db` of a folder (promises B1 to B5); `sleep` takes seconds.

    Readers never wait for a writer (WAL), so reading and acting have a connection and a lock each.
    """

    def __init__(self, folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._sleep = sleep
        self._acting, self._act_lock = connect(folder / "sandbox.db"), Lock()
        self._prepare()
        self._reading, self._read_lock = connect(folder / "sandbox.db"), Lock()

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask a system something (B1); raises Unavailable, Unsupported, NotFound."""
        function = find(READS, system, operation, arguments)
        self._meet_fault(system, meets=("slow", "down"))
        with self._read_lock:
            return function(Rows(self._reading), **arguments)

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Do something once per system and `key` (B2); raises Refused, Unavailable, Uncertain, Unsupported."""
        if not key:
            raise InvalidInput("no key", field="key", limit="1 character or more", action="give the effect's key")
        function = find(ACTIONS, system, operation, arguments, also=frozenset({"key"}))
        fault = self._meet_fault(system, meets=("slow", "down", "fails_after"))
        request = digest(operation, arguments)
        with self._act_lock, self._transaction() as connection:
            result = remembered(connection, system, key, request)
            if result is None:
                result = function(Rows(connection), key=key, **arguments)
                row = (system, key, request, json.dumps(result))
                connection.execute("INSERT INTO actions VALUES (?, ?, ?, ?)", row)
        if fault == "fails_after":
            raise Uncertain(f"{system} gave no answer to {operation}")
        return result

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        """The result of the action done under `key`, or None (B3); raises Unavailable."""
        if system not in CONTRACTS:
            raise Unsupported(system)
        self._meet_fault(system, meets=("slow", "down"))
        with self._read_lock:
            statement = "SELECT result FROM actions WHERE system = ? AND key = ?"
            found = self._reading.execute(statement, (system, key)).fetchone()
        return decode(found[0]) if found else None

    def contract(self, system: str) -> ActionContract:
        """What the system promises about repeated actions."""
        if system not in CONTRACTS:
            raise Unsupported(system)
        return CONTRACTS[system]

    def set_fault(self, system: str, fault: Fault | None, times: int | None = None) -> None:
        """Break a system durably, for good or for the next `times` calls that meet the fault; None mends it."""
        if system not in CONTRACTS:
            raise Unsupported(system)
        with self._act_lock, self._transaction() as connection:
            connection.execute("DELETE FROM faults WHERE system = ?", (system,))
            if fault is not None:
                connection.execute("INSERT INTO faults VALUES (?, ?, ?)", (system, fault, times))

    def books(self) -> dict[str, list[Body]]:
        """What the company itself wrote down, whatever keys were used: refunds, credits and charges, by id."""
        with self._read_lock:
            rows = Rows(self._reading)
            return {kind: rows.all(kind) for kind in ("refund", "credit", "payment")}

    def close(self) -> None:
        """Let go of the file."""
        self._acting.close()
        self._reading.close()

    def _prepare(self) -> None:
        """Seed a new file in one transaction, so that a second process finds all or nothing."""
        with self._transaction() as connection:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            rows = Rows(connection)
            if rows.now():
                return
            for kind, body in seed_rows():
                rows.put(kind, body)

    def _meet_fault(self, system: str, *, meets: tuple[str, ...]) -> str | None:
        """The fault that this call meets: waits where the system is slow; raises Unavailable where it is down."""
        with self._read_lock:
            statement = "SELECT fault, times_left FROM faults WHERE system = ?"
            found = self._reading.execute(statement, (system,)).fetchone()
        if found is None or found[0] not in meets:
            return None
        fault = str(found[0])
        if found[1] is not None:
            self._count_down(system)
        if fault == "down":
            raise Unavailable(f"{system} is down")
        if fault == "slow":
            self._sleep(SLOW_SECONDS)
        return fault

    def _count_down(self, system: str) -> None:
        with self._act_lock, self._transaction() as connection:
            connection.execute("UPDATE faults SET times_left = times_left - 1 WHERE system = ?", (system,))
            connection.execute("DELETE FROM faults WHERE system = ? AND times_left <= 0", (system,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a failure before the commit is Unavailable (not done), one of the commit is Uncertain."""
        connection = self._acting
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
        except sqlite3.Error as error:
            roll_back(connection)
            raise Unavailable(f"sandbox file: {error}") from error
        except BaseException:
            roll_back(connection)
            raise
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            roll_back(connection)
            raise Uncertain(f"sandbox file: {error}") from error


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what was begun, if anything was."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def find(
    table: dict[tuple[str, str], Operation],
    system: str,
    operation: str,
    arguments: dict[str, Any],
    *,
    also: frozenset[str] = NOTHING,
) -> Operation:
    """The function of an operation; raises Unsupported, and InvalidInput where the arguments are not its own."""
    function = table.get((system, operation))
    if function is None:
        raise Unsupported(f"{system}.{operation}")
    wrong = slots_of(function) - also ^ arguments.keys()
    if wrong:
        name, limit = min(wrong), ", ".join(sorted(slots_of(function) - also))
        raise InvalidInput(f"{name} is missing or unknown", field=name, limit=limit, action="give exactly these")
    return function


@functools.cache
def slots_of(function: Operation) -> frozenset[str]:
    """The names of an operation's arguments."""
    slots = inspect.signature(function).parameters.values()
    return frozenset(slot.name for slot in slots if slot.kind is slot.KEYWORD_ONLY)


def remembered(connection: sqlite3.Connection, system: str, key: str, request: str) -> Body | None:
    """The first result under a key; raises Refused where the key stood for another request."""
    statement = "SELECT request, result FROM actions WHERE system = ? AND key = ?"
    found = connection.execute(statement, (system, key)).fetchone()
    if found is None:
        return None
    if found[0] != request:
        raise Refused("this key stands for another request", field="key", action="use a new key for a new request")
    result: Body = decode(found[1])
    return result


def digest(operation: str, arguments: dict[str, Any]) -> str:
    """A request's identity."""
    return hashlib.sha256(json.dumps([operation, arguments], sort_keys=True).encode()).hexdigest()
