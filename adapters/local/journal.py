"""The journal of running executions: one SQLite file, one row for each event."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "journal.db"
# a turn that loses its tail to a power cut repeats harmless steps; an escalation lasts days, so it is written through
WRITTEN_THROUGH = frozenset({"escalation"})
OUTPUTS_KEPT = 1_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
  id INTEGER PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, seed TEXT NOT NULL, status TEXT NOT NULL,
  ready INTEGER NOT NULL, finished_at INTEGER, output TEXT, UNIQUE (machine, name)
);
CREATE INDEX IF NOT EXISTS ready_executions ON executions (id) WHERE ready;
CREATE INDEX IF NOT EXISTS finished_executions ON executions (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
  execution INTEGER NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (execution, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (
  execution INTEGER NOT NULL, entry TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (execution, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_timers ON timers (due);
"""
_SELECT = "SELECT id, machine, name, seed, status FROM executions "


@dataclass(frozen=True, slots=True)
class Execution:
    """One row of the table of executions; `status` as the Workflows port says it."""

    id: int
    machine: str
    name: str
    seed: str
    status: str


class Journal:
    """Executions, their events and their timers; safe for threads, times are epoch milliseconds."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._normal = _connect(folder, "NORMAL")
        self._full = _connect(folder, "FULL")

    def close(self) -> None:
        with self._lock:
            self._normal.close()
            self._full.close()

    @contextmanager
    def _transaction(self, machine: str) -> Iterator[sqlite3.Connection]:
        connection = self._full if machine in WRITTEN_THROUGH else self._normal
        with self._lock:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._normal.execute(query, values).fetchall()

    def begin(self, machine: str, name: str, seed: str, event: str) -> bool:
        """Record a new execution with its first event; False where the name is taken."""
        with self._transaction(machine) as connection:
            begun = connection.execute(
                "INSERT OR IGNORE INTO executions (machine, name, seed, status, ready) VALUES (?, ?, ?, 'running', 1)",
                (machine, name, seed),
            )
            if begun.rowcount:
                connection.execute("INSERT INTO events VALUES (?, 1, ?)", (begun.lastrowid, event))
            return bool(begun.rowcount)

    def find(self, machine: str, name: str) -> Execution | None:
        """The execution of that name."""
        return self._one("WHERE machine = ? AND name = ?", machine, name)

    def find_seed(self, seed: str) -> Execution | None:
        """The running execution whose tokens begin with `seed`."""
        machine, _, rest = seed.partition("|")
        found = self.find(machine, rest.rpartition("|")[0])
        return found if found and found.seed == seed and found.status == "running" else None

    def ready(self) -> Sequence[Execution]:
        """Executions with something to do, oldest first."""
        return self._executions("WHERE ready ORDER BY id")

    def _one(self, where: str, *values: object) -> Execution | None:
        return next(iter(self._executions(where, *values)), None)

    def _executions(self, where: str, *values: object) -> list[Execution]:
        return [Execution(*row) for row in self._rows(_SELECT + where, *values)]

    def events(self, execution: Execution, *, after: int = 0) -> list[str]:
        """The events of an execution that follow the first `after`, in order."""
        query = "SELECT event FROM events WHERE execution = ? AND seq > ? ORDER BY seq"
        return [str(event) for (event,) in self._rows(query, execution.id, after)]

    def append(self, execution: Execution, seq: int, event: str) -> bool:
        """Write the event number `seq`; False where another writer was first, whose event is to be read now."""
        connection = self._full if execution.machine in WRITTEN_THROUGH else self._normal
        with self._lock:
            written = connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", (execution.id, seq, event))
            return bool(written.rowcount)

    def wake(self, execution: Execution, event: str, *, entry: str) -> None:
        """Write an event from outside after all others, end the timer of its entry, and mark the execution ready."""
        with self._transaction(execution.machine) as connection:
            connection.execute(
                "INSERT INTO events SELECT ?1, 1 + coalesce(max(seq), 0), ?2 FROM events WHERE execution = ?1",
                (execution.id, event),
            )
            connection.execute("DELETE FROM timers WHERE execution = ? AND entry = ?", (execution.id, entry))
            connection.execute("UPDATE executions SET ready = 1 WHERE id = ?", (execution.id,))

    def rest(self, execution: Execution, seq: int, timers: dict[str, int]) -> bool:
        """Leave an execution waiting for `timers` (entry to due time) or a token; False where a new event came.

        A timer that is already set keeps its time.
        """
        with self._transaction(execution.machine) as connection:
            newer = connection.execute("SELECT 1 FROM events WHERE execution = ? AND seq > ?", (execution.id, seq))
            if newer.fetchone():
                return False
            for (entry,) in connection.execute(
                "SELECT entry FROM timers WHERE execution = ?", (execution.id,)
            ).fetchall():
                if entry not in timers:
                    connection.execute("DELETE FROM timers WHERE execution = ? AND entry = ?", (execution.id, entry))
            connection.executemany(
                "INSERT OR IGNORE INTO timers VALUES (?, ?, ?)",
                [(execution.id, entry, due) for entry, due in timers.items()],
            )
            connection.execute("UPDATE executions SET ready = 0 WHERE id = ?", (execution.id,))
            return True

    def due(self, now: int) -> list[tuple[Execution, str]]:
        """The timers whose time has come, as (execution, entry), earliest first."""
        rows = self._rows(
            "SELECT e.id, e.machine, e.name, e.seed, e.status, t.entry FROM timers t"
            " JOIN executions e ON e.id = t.execution WHERE t.due <= ? ORDER BY t.due",
            now,
        )
        return [(Execution(*row[:5]), str(row[5])) for row in rows]

    def finish(self, execution: Execution, status: str, output: str, now: int) -> None:
        """Close an execution: its journal goes, one small row stays, and the last outputs stay readable."""
        with self._transaction(execution.machine) as connection:
            connection.execute(
                "UPDATE executions SET status = ?, output = ?, finished_at = ?, ready = 0"
                " WHERE id = ? AND status = 'running'",
                (status, output, now, execution.id),
            )
            connection.execute("DELETE FROM events WHERE execution = ?", (execution.id,))
            connection.execute("DELETE FROM timers WHERE execution = ?", (execution.id,))
            connection.execute(
                "UPDATE executions SET output = NULL WHERE id = ? AND status <> 'running'",
                (execution.id - OUTPUTS_KEPT,),
            )

    def output(self, execution: Execution) -> str | None:
        """What an execution ended with, where that is still kept."""
        found = self._rows("SELECT output FROM executions WHERE id = ?", execution.id)
        return str(found[0][0]) if found and found[0][0] is not None else None

    def prune(self, before: int) -> int:
        """Forget the executions that finished before a time; how many. Their names could then run again (W1)."""
        with self._transaction("") as connection:
            return connection.execute("DELETE FROM executions WHERE finished_at < ?", (before,)).rowcount


def _connect(folder: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.executescript(_SCHEMA)
    return connection
