"""What a loss of power leaves: everything that was confirmed, in the order in which it was written."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.clock import SystemClock
from adapters.local.events import LocalEvents
from adapters.local.queue import LocalQueue
from adapters.local.records import LocalRecords
from adapters.local.store import DATABASE_FILE, Store, open_store
from shared.errors import Unavailable, Uncertain
from shared.ports.records import Batch, Event, Put

CLOCK = SystemClock()


class Disk:
    """Keeps what has reached it: the files of a folder as they are whenever the log is waited for."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder, self.kept, self.waits, self.works = folder, kept, 0, True
        kept.mkdir()

    def sync(self, descriptor: int) -> None:
        if not self.works:
            raise OSError("the disk is gone")
        os.fdatasync(descriptor)
        self.waits += 1
        for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal"):
            shutil.copy(self.folder / name, self.kept)

    def rows_after_power_loss(self) -> list[str]:
        """The rows of `T|t` in a folder that knows only what has reached the disk."""
        store = open_store(self.kept)
        try:
            return [row.row for row in LocalRecords(store, CLOCK).query("T|t")]
        finally:
            store.close()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "data", tmp_path / "disk")


@pytest.fixture
def store(disk: Disk) -> Iterator[Store]:
    opened = open_store(disk.folder, sync=disk.sync)
    LocalRecords(opened, CLOCK)
    disk.waits = 0
    yield opened
    disk.works = True
    opened.close()


def put(store: Store, row: str) -> None:
    LocalRecords(store, CLOCK).write(Batch("T|t", [Put(row, {"n": 1})]))


def put_many(store: Store, thread: int) -> None:
    for number in range(20):
        put(store, f"{thread}|{number}")


def test_a_write_is_on_the_disk_when_it_returns(store: Store, disk: Disk) -> None:
    put(store, "A")
    put(store, "B")
    assert disk.waits == 2
    assert disk.rows_after_power_loss() == ["A", "B"]


def test_what_waits_once_is_on_the_disk_at_the_end(store: Store, disk: Disk) -> None:
    with store.waiting_once():
        for row in "ABC":
            put(store, row)
        assert disk.waits == 0
    assert disk.waits == 1
    assert disk.rows_after_power_loss() == ["A", "B", "C"]


def test_what_waits_once_is_on_the_disk_also_where_the_work_fails(store: Store, disk: Disk) -> None:
    def fail() -> None:
        with store.waiting_once():
            put(store, "A")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert disk.rows_after_power_loss() == ["A"]


def test_what_never_waits_is_there_as_soon_as_anything_later_is(store: Store, disk: Disk) -> None:
    with store.waiting_never():
        put(store, "A")
    assert disk.waits == 0
    put(store, "B")
    assert disk.rows_after_power_loss() == ["A", "B"]


def test_a_message_is_not_forgotten_before_the_work_that_it_asked_for_is_kept(disk: Disk, store: Store) -> None:
    queue = LocalQueue(store, CLOCK)
    LocalEvents(queue, CLOCK, {"Told": ("handler",)}).publish([Event("e", "Told", {})])
    message = queue.receive("handler", CLOCK.now())
    assert message is not None
    with store.waiting_never():
        put(store, "WORK")
    queue.delete(message)
    kept = open_store(disk.kept)
    assert LocalQueue(kept, CLOCK).depth("handler") == 1
    kept.close()
    put(store, "LATER")
    assert disk.rows_after_power_loss() == ["LATER", "WORK"]


def test_whoever_reads_what_another_thread_has_not_waited_for_waits_for_it(store: Store, disk: Disk) -> None:
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with store.waiting_once():
            put(store, "A")
            written.set()
            go_on.wait(10)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert written.wait(10)
    assert disk.waits == 0
    assert LocalRecords(store, CLOCK).get("T|t", "A") is not None
    assert disk.waits == 1
    assert disk.rows_after_power_loss() == ["A"]
    go_on.set()
    writer.join()
    assert disk.waits == 1


def test_many_threads_lose_nothing_that_was_confirmed(store: Store, disk: Disk) -> None:
    threads = [threading.Thread(target=put_many, args=(store, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert disk.waits <= 80
    assert len(disk.rows_after_power_loss()) == 80


def test_a_disk_that_failed_is_not_trusted_again(store: Store, disk: Disk) -> None:
    put(store, "A")
    disk.works = False
    with pytest.raises(Uncertain):
        put(store, "B")
    disk.works = True
    with pytest.raises(Unavailable, match="restart"):
        put(store, "C")
    assert disk.rows_after_power_loss() == ["A"]
