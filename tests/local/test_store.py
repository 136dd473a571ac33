"""A data folder: one writer, any readers, nothing created by looking."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import DATABASE_FILE, Store, open_store
from shared.errors import Conflict, Misconfigured, PortError, Unavailable, Unsupported
from shared.ports.records import Batch, Put, Version


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Opens stores and closes them after the test."""
    stores: list[Store] = []

    def open_one(folder: Path, *, read_only: bool = False) -> Store:
        stores.append(open_store(folder, read_only=read_only))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def records_in(store: Store) -> LocalRecords:
    return LocalRecords(store, SystemClock())


def put(store: Store, row: str = "HEAD", condition: Version | None = None) -> Version:
    write = Put(row, {"n": 1}) if condition is None else Put(row, {"n": 1}, condition)
    return records_in(store).write(Batch("T|t", [write]))[row]


def test_a_second_writer_is_refused_by_name_and_accepted_after_the_first_has_left(
    tmp_path: Path, opened: Callable[..., Store]
) -> None:
    first = opened(tmp_path)
    with pytest.raises(Misconfigured, match=f"{tmp_path} is in use by process {os.getpid()}"):
        open_store(tmp_path)
    first.close()
    put(opened(tmp_path))


def test_a_reader_sees_what_the_living_writer_commits(tmp_path: Path, opened: Callable[..., Store]) -> None:
    writer = opened(tmp_path)
    put(writer)
    reader = records_in(opened(tmp_path, read_only=True))
    assert reader.get("T|t", "HEAD") is not None
    put(writer, "LATER")
    assert [row.row for row in reader.query("T|t")] == ["HEAD", "LATER"]


def test_reading_creates_nothing_after_a_clean_end_and_from_a_copy(
    tmp_path: Path, opened: Callable[..., Store]
) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy"
    writer = opened(folder)
    put(writer)
    writer.close()
    copy.mkdir()
    shutil.copy(folder / DATABASE_FILE, copy)
    for place in (folder, copy):
        before = sorted(os.listdir(place))
        reader = opened(place, read_only=True)
        assert records_in(reader).get("T|t", "HEAD") is not None
        reader.close()
        assert sorted(os.listdir(place)) == before


def test_there_is_nothing_to_read_where_nobody_wrote(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="has no"):
        open_store(tmp_path / "nowhere", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_does_not_write(tmp_path: Path, opened: Callable[..., Store]) -> None:
    opened(tmp_path).close()
    with pytest.raises(Unsupported):
        put(opened(tmp_path, read_only=True))


def test_a_closed_store_says_so(tmp_path: Path, opened: Callable[..., Store]) -> None:
    store = opened(tmp_path)
    records = records_in(store)
    store.close()
    store.close()
    with pytest.raises(Unavailable, match="closed"):
        records.get("T|t", "HEAD")
    with pytest.raises(Unavailable, match="closed"):
        records.write(Batch("T|t", [Put("HEAD", {})]))


def test_a_file_that_is_no_database_and_a_newer_database_are_refused(
    tmp_path: Path, opened: Callable[..., Store]
) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database " * 100)
    for read_only in (False, True):
        with pytest.raises(Misconfigured):
            open_store(tmp_path, read_only=read_only)
    newer = opened(tmp_path / "newer")
    newer.define(["PRAGMA user_version = 99"])
    newer.close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match="schema 99"):
            open_store(tmp_path / "newer", read_only=read_only)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured, match="cannot be used"):
        open_store(tmp_path / "file" / "data")


def test_r3_versions_do_not_come_back_in_a_restored_copy(tmp_path: Path, opened: Callable[..., Store]) -> None:
    first = opened(tmp_path / "data")
    put(first)
    first.close()
    shutil.copytree(tmp_path / "data", tmp_path / "restored")
    lived_on, restored = opened(tmp_path / "data"), opened(tmp_path / "restored")
    version = put(lived_on)
    assert put(restored) != version
    with pytest.raises(Conflict):
        put(restored, condition=version)


def test_r3_of_many_threads_with_the_same_version_one_wins(tmp_path: Path, opened: Callable[..., Store]) -> None:
    store = opened(tmp_path)
    records, won = records_in(store), list[int]()

    def climb(thread: int) -> None:
        for _ in range(20):
            row = records.get("T|t", "HEAD")
            assert row is not None
            try:
                records.write(Batch("T|t", [Put("HEAD", {"n": row.body["n"] + 1}, row.version)]))
            except Conflict:
                continue
            won.append(thread)

    put(store)
    threads = [threading.Thread(target=climb, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = records.get("T|t", "HEAD")
    assert row is not None
    assert row.body["n"] == 1 + len(won)


def test_what_a_transaction_raises_undoes_it_and_leaves_the_store_usable(
    tmp_path: Path, opened: Callable[..., Store]
) -> None:
    store = opened(tmp_path)
    put(store)
    with pytest.raises(PortError):
        store.transact(lambda connection: (connection.execute("DELETE FROM rows"), store.transact(lambda inner: None)))
    with pytest.raises(PortError):
        store.transact(lambda connection: (connection.execute("DELETE FROM rows"), connection.execute("no sql")))
    with pytest.raises(KeyboardInterrupt):
        store.transact(_delete_everything_and_stop)
    assert records_in(store).get("T|t", "HEAD") is not None
    put(store)


def _delete_everything_and_stop(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM rows")
    raise KeyboardInterrupt


def test_r7_expired_rows_are_removed_for_good(tmp_path: Path, opened: Callable[..., Store]) -> None:
    store = opened(tmp_path)
    records = records_in(store)
    records.write(Batch("T|t", [Put("OLD", {}, expires_at=1), Put("KEPT", {}), Put("LATER", {}, expires_at=2**40)]))
    assert records.purge_expired() == 1
    assert store.read("SELECT row FROM rows ORDER BY row") == [("KEPT",), ("LATER",)]
