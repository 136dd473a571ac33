"""Timers in SQLite (M1 to M4)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.local.queue import LocalQueue, Waiting
from adapters.local.store import Store
from shared.errors import InvalidInput
from shared.ports.limits import check_name, encode_message

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS timers (
         name TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL, handler TEXT NOT NULL,
         body TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS timers_due ON timers (at)",
)
_SET = "INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?, ?)"
_CANCEL = "DELETE FROM timers WHERE name = ?"
_DUE = "SELECT name, number, at, handler, body FROM timers WHERE at <= ? ORDER BY at, number LIMIT ?"
_DONE = "DELETE FROM timers WHERE name = ? AND number = ?"


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come; `number` tells it from a later one under the same name."""

    name: str
    number: int
    at: int
    handler: str
    body: dict[str, Any]


class LocalTimers:
    """The `timers` port on one data folder; whoever runs the handlers asks for what is `due`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.define(SCHEMA)

    def set(self, name: str, at: int, handler: str, body: dict[str, Any]) -> None:
        """Set or replace a timer durably (M1, M2, M4)."""
        check_name(name)
        if type(at) is not int or not handler:
            raise InvalidInput("a timer", field="at", limit="epoch seconds and a handler", action="give both")
        text = encode_message(body, f"timer {name}")
        row = (name, self._store.next_number(), at, handler, text)
        self._store.transact(lambda connection: connection.execute(_SET, row))

    def cancel(self, name: str) -> None:
        """Forget a timer (M3)."""
        self._store.transact(lambda connection: connection.execute(_CANCEL, (name,)), durable=False)

    def due(self, now: int, *, limit: int = 100) -> Sequence[DueTimer]:
        """Timers whose time has come at `now` (epoch ms), earliest first; each stays until it is `done`."""
        return [
            DueTimer(name, number, at, handler, json.loads(body))
            for name, number, at, handler, body in self._store.read(_DUE, (now // 1000, limit))
        ]

    def done(self, timer: DueTimer) -> None:
        """Forget a timer that fired, but not one that was set under its name meanwhile."""
        place = (timer.name, timer.number)
        self._store.transact(lambda connection: connection.execute(_DONE, place), durable=False)

    def fire(self, queue: LocalQueue, now: int, *, limit: int = 100) -> int:
        """Move what is due into the queue named after its handler, whose retries it gets; how many were moved."""

        def move(connection: sqlite3.Connection) -> int:
            found = connection.execute(_DUE, (now // 1000, limit)).fetchall()
            queue.insert(connection, [Waiting(handler, "", body, now) for _, _, _, handler, body in found])
            connection.executemany(_DONE, [(name, number) for name, number, *_ in found])
            return len(found)

        return self._store.transact(move) if self.due(now, limit=1) else 0
