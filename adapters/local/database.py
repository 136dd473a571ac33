"""How the local provider opens SQLite, and what SQLite's errors mean to a port's caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.errors import Misconfigured, PortError, Throttled, Unavailable, Uncertain

SCHEMA_VERSION = 1

# 1,000 pages (4 MB): measured, a log that stays small is written over instead of growing, which halves an fsync.
_WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # the wait after a commit is made in log.py
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA secure_delete = FAST",
)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes, creating the database where it is missing; raises Misconfigured."""
    return _checked(_connect(path, "mode=rwc"), path, (*_WRITER_SETTINGS, f"PRAGMA user_version = {SCHEMA_VERSION}"))


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads and creates no file; raises Misconfigured."""
    # A database without its log is a copy that nobody writes to. Opened the usual way, SQLite would create a log.
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    return _checked(_connect(path, mode), path)


def begin(connection: sqlite3.Connection) -> None:
    """Start a writing transaction; raises Throttled or Unavailable."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise port_error(error) from error


def commit(connection: sqlite3.Connection) -> None:
    """Make a transaction durable; raises Uncertain, because a disk that fails here may have kept it."""
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        undo(connection)
        raise Uncertain(f"the database did not confirm a commit: {error}") from error


def undo(connection: sqlite3.Connection) -> None:
    """Drop what the running transaction did; SQLite may have dropped it already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def port_error(error: sqlite3.Error) -> PortError:
    """What an error before the commit means: nothing was stored."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return Throttled(f"the database is busy: {error}")
    return Unavailable(f"the database does not work: {error}")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(place, uri=True, isolation_level=None, timeout=5, check_same_thread=False)


def _checked(connection: sqlite3.Connection, path: Path, settings: Sequence[str] = ()) -> sqlite3.Connection:
    """A connection to a database that is ours, with its settings; whatever stands against that closes it."""
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise Misconfigured(f"{path} has schema {version}, this program knows {SCHEMA_VERSION}: use the newer one")
        for setting in settings:
            connection.execute(setting)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise Misconfigured(f"{path} cannot be used as a database ({error}): restore it or choose another") from error
    except BaseException:
        connection.close()
        raise
    return connection
