"""The tables of a data folder: one writer process, readers in any process, every commit on the disk."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from adapters.local.database import begin, commit, open_reader, open_writer, port_error, undo
from adapters.local.ids import LocalIds
from adapters.local.lock import lock_folder, unlock_folder
from adapters.local.log import Log, Sync, sync_data
from shared.errors import Misconfigured, Unavailable, Unsupported
from shared.ports.ids import Ids

DATABASE_FILE = "supportmax.db"

T = TypeVar("T")

_OPENINGS = "CREATE TABLE IF NOT EXISTS openings (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)"
_COUNT_OPENING = """
    INSERT INTO openings VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = openings.number + 1 RETURNING number
"""


class _Waiting(threading.local):
    """How this thread's durable commits wait for the disk: each by itself, all at the end, or never."""

    how = "each"


class _Wait:
    """A stretch of one thread's work with its own way to wait."""

    def __init__(self, waiting: _Waiting, how: str, log: Log | None) -> None:
        self._waiting, self._how, self._log = waiting, how, log
        self._before = waiting.how

    def __enter__(self) -> None:
        self._waiting.how = self._how

    def __exit__(self, *_: object) -> None:
        self._waiting.how = self._before
        if self._how == "at the end" and self._before == "each" and self._log:
            self._log.wait()


class Store:
    """One data folder's database; each port of the local provider keeps its own tables in it."""

    def __init__(self, folder: Path, held: int | None, ids: Ids, sync: Sync = sync_data) -> None:
        self.folder = folder
        self._path = folder / DATABASE_FILE
        self._held = held
        self._closed = False
        self._waiting = _Waiting()
        # Re-entrant, so that a transaction inside a transaction fails instead of waiting for itself.
        self._turnstile = threading.RLock()
        self._writer = None if held is None else open_writer(self._path)
        self._log = None if held is None else Log(self._path, sync)
        self._readers = deque([open_reader(self._path)])
        self._numbers = count((self._count_opening() << 40) + 1)
        # A database restored from a copy counts its openings again: the random part keeps the versions apart.
        self._epoch = f"{ids.new('')[-8:]}-"

    @property
    def read_only(self) -> bool:
        """Whether this store was opened only to read."""
        return self._held is None

    def define(self, schema: Iterable[str]) -> None:
        """Create a port's tables where they are missing; a store that only reads takes them as they are."""
        if self._writer is not None:
            for statement in schema:
                self._writer.execute(statement)

    def next_number(self) -> int:
        """A number that this database has never used, larger than all before."""
        return next(self._numbers)

    def next_version(self) -> str:
        """An opaque version that never repeats (R3)."""
        return f"{self._epoch}{next(self._numbers):x}"

    def read(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """All rows of a SELECT as of the last commit; raises Unavailable."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._open_reader()
        try:
            found = reader.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise port_error(error) from error
        finally:
            self._readers.append(reader)
        self._wait_for_what_was_seen()
        return found

    def transact(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Do `work` in one transaction that is on the disk when this returns; whatever `work` raises undoes it.

        Without `durable` it survives the process, but perhaps not a loss of power: for what may safely happen twice.
        """
        answer = self._write(work, durable and self._waiting.how != "never")
        if durable and self._log and self._waiting.how == "each":
            self._log.wait()
        return answer

    def waiting_each(self) -> AbstractContextManager[None]:
        """Within, every durable commit of this thread waits for the disk; so it is without any of these, too."""
        return _Wait(self._waiting, "each", self._log)

    def waiting_once(self) -> AbstractContextManager[None]:
        """Within, this thread's durable commits wait for the disk together, at the end.

        For work that nobody outside the database hears of before it ends.
        """
        return _Wait(self._waiting, "at the end", self._log)

    def waiting_never(self) -> AbstractContextManager[None]:
        """Within, this thread's commits do not wait for the disk.

        For work on something that waits in this database and is deleted from it afterwards: the log keeps their order,
        so a loss of power that undoes the work undoes the deletion, and the work is done again.
        """
        return _Wait(self._waiting, "never", self._log)

    def _wait_for_what_was_seen(self) -> None:
        """What was read is on the disk before anybody acts on it, also where its writer has not waited yet (R5)."""
        if self._log and self._log.behind and self._waiting.how != "at the end":
            with self._turnstile:  # the commit that was announced is over
                pass
            self._log.wait()

    def _write(self, work: Callable[[sqlite3.Connection], T], announced: bool) -> T:
        with self._turnstile:
            writer = self._demand_writer()
            begin(writer)
            try:
                answer = work(writer)
            except sqlite3.Error as error:
                undo(writer)
                raise port_error(error) from error
            except BaseException:
                undo(writer)
                raise
            self._commit(writer, announced)
            return answer

    def close(self) -> None:
        """Close every connection and give the folder back."""
        with self._turnstile:
            self._closed = True
            log, self._log = self._log, None
            # The writer goes first: SQLite removes the log with the last connection if that one may write, and a later
            # reader would have to create it again.
            if self._writer is not None:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._writer.close()
                self._writer = None
            while self._readers:
                self._readers.pop().close()
            if self._held is not None:
                unlock_folder(self._held)
                self._held = None
            if log is not None:
                log.close()

    def _commit(self, writer: sqlite3.Connection, announced: bool) -> None:
        if self._log is None or not announced:
            commit(writer)
            return
        self._log.announce()
        try:
            commit(writer)
        finally:
            self._log.over()

    def _demand_writer(self) -> sqlite3.Connection:
        if self._writer is None or self._log is None:
            raise Unavailable("the data folder is closed") if self._closed else Unsupported("writing when read-only")
        self._log.check()
        return self._writer

    def _open_reader(self) -> sqlite3.Connection:
        if self._closed:
            raise Unavailable("the data folder is closed")
        return open_reader(self._path)

    def _count_opening(self) -> int:
        if self._writer is None:
            return 0
        self.define([_OPENINGS])
        return self.transact(lambda connection: int(connection.execute(_COUNT_OPENING).fetchone()[0]))


def open_store(folder: Path, *, ids: Ids | None = None, read_only: bool = False, sync: Sync = sync_data) -> Store:
    """Open a data folder to write, creating what is missing, or only to read, creating nothing.

    `sync` is how the disk is waited for. Raises Misconfigured where another process writes to it, where there is
    nothing to read, and where it is not ours.
    """
    if read_only:
        if not (folder / DATABASE_FILE).is_file():
            raise Misconfigured(f"data folder {folder} has no {DATABASE_FILE}: name the one that `serve` or `run` used")
        return Store(folder, None, ids or LocalIds())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock_folder(folder)
    except OSError as error:
        raise Misconfigured(f"data folder {folder} cannot be used ({error.strerror}): choose another") from error
    try:
        return Store(folder, held, ids or LocalIds(), sync)
    except BaseException:
        unlock_folder(held)
        raise
