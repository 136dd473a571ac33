"""How far SQLite's write-ahead log has reached the disk.

With `synchronous = NORMAL` SQLite appends a commit to the log and waits for the disk only around a checkpoint; FULL is
NORMAL and one more wait after every commit (https://sqlite.org/pragma.html#pragma_synchronous). That wait is made here,
for the commits that need it and for several at once. What it rests on: a log is read back up to its last whole commit
(https://sqlite.org/wal.html#the_wal_file_format), so a commit that is on the disk has all before it there too; the file
lives as long as the connection that writes; and our own descriptor touches none of SQLite's locks, which are on the
database and its index, never on the log (https://sqlite.org/walformat.html#locks).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from shared.errors import Misconfigured, Unavailable, Uncertain

# What a log holds when SQLite copies it into the database and begins to write it over (wal_autocheckpoint).
LOG_BYTES = 1_000 * (4_096 + 24) + 32

Sync = Callable[[int], object]  # returns when what was written to a descriptor is on the disk

sync_data: Sync = getattr(os, "fdatasync", os.fsync)  # macOS has only the slower one


class Log:
    """The log beside one database; whoever writes holds the turnstile, whoever waits need not."""

    def __init__(self, path: Path, sync: Sync = sync_data) -> None:
        self._sync_data = sync
        self._file = os.open(path.with_name(path.name + "-wal"), os.O_RDWR)
        try:
            _make_room(self._file)
        except OSError as error:
            os.close(self._file)
            raise Misconfigured(f"{path} has no room for its log ({error.strerror}): free {LOG_BYTES} bytes") from error
        self._syncing = threading.Lock()
        self._announced = self._committed = self._on_disk = 0
        self._broken = False

    @property
    def behind(self) -> bool:
        """Whether a commit that was announced may not be on the disk yet."""
        return self._on_disk < self._announced

    def announce(self) -> None:
        """Before a commit that somebody will wait for, so that no reader sees it unannounced."""
        self._announced += 1

    def over(self) -> None:
        """The commit that was announced has been made or has failed."""
        self._committed = self._announced

    def wait(self) -> None:
        """Return when every commit up to now is on the disk; one wait serves all who came before it began.

        Raises Uncertain where the disk fails, and Unavailable from then on: a second try could report as written what
        the first has dropped.
        """
        wanted = self._committed
        if self._on_disk >= wanted:
            return
        with self._syncing:
            if self._on_disk < wanted:
                self.check()
                self._sync()

    def check(self) -> None:
        """Raises Unavailable after the disk has failed."""
        if self._broken:
            raise Unavailable("the disk failed: restart on a disk that works")

    def close(self) -> None:
        """Wait for the last commits and let go of the file."""
        with self._syncing:
            try:
                if self.behind and not self._broken:
                    self._sync()
            finally:
                os.close(self._file)

    def _sync(self) -> None:
        reached = self._committed
        try:
            self._sync_data(self._file)
        except OSError as error:
            self._broken = True
            raise Uncertain(f"the disk did not confirm a commit: {error}") from error
        self._on_disk = reached


def _make_room(file: int) -> None:
    """Give the log its full size: measured, a commit that also makes its file longer takes twice as long.

    Zeros after the last commit are no frame of it, so whoever reads the log back stops before them.
    """
    size = os.fstat(file).st_size
    if size < LOG_BYTES:
        os.pwrite(file, bytes(LOG_BYTES - size), size)
        os.fsync(file)
