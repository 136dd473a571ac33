"""What every provider's `records` must do: R3 to R10. A provider inherits RecordsContract and supplies `provider`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

import pytest

from shared.errors import Conflict, Throttled, Unavailable, Uncertain
from shared.ports.records import ABSENT, ANY, Batch, Check, Delete, Event, Put, Records, Version, Write
from tests.contract.relaying import Relayed, among

_fresh = itertools.count()


class HasRecords(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def records(self) -> Records: ...


def any_partition() -> str:
    """A partition that no other test of this process uses."""
    return f"T|t{time.time_ns():x}|C|c{next(_fresh)}"


def any_event(name: str = "TicketOpened") -> Event:
    return Event(f"event{next(_fresh)}", name, {"ticket": "k1"})


def put(records: Records, partition: str, row: str, body: dict[str, object] | None = None) -> Version:
    """Write one row unconditionally."""
    return records.write(Batch(partition, [Put(row, body or {"n": 1})]))[row]


def sign(records: Records, partition: str, writer: str) -> None:
    """Add a name to one row; where it is unclear whether that was done, the row is read again and tells (R8)."""
    for _ in range(200):
        row = records.get(partition, "HEAD")
        names = row.body["names"] if row else []
        if writer in names:
            return
        body, condition = {"names": [*names, writer]}, row.version if row else ABSENT
        with suppress(Conflict, Uncertain, Throttled):
            records.write(Batch(partition, [Put("HEAD", body, condition)]))
            return
    raise AssertionError(f"{writer} never came to write")


class RecordsContract(Relayed):
    """R3 to R10 against a real store."""

    def test_r5_a_read_after_a_write_sees_it(self, provider: HasRecords) -> None:
        partition = any_partition()
        body = {"text": "Grüße 你好 \x00 \u2028", "n": -5, "big": 2**63, "list": [1, [None, True]], "map": {"": {}}}
        version = put(provider.records, partition, "HEAD", body)
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert (row.partition, row.row, row.version, row.body) == (partition, "HEAD", version, body)

    def test_r5_an_absent_row_reads_as_none(self, provider: HasRecords) -> None:
        assert provider.records.get(any_partition(), "HEAD") is None

    def test_r5_what_is_read_is_the_readers_own_copy(self, provider: HasRecords) -> None:
        partition = any_partition()
        put(provider.records, partition, "HEAD", {"list": [1]})
        first = provider.records.get(partition, "HEAD")
        assert first is not None
        first.body["list"].append(2)
        second = provider.records.get(partition, "HEAD")
        assert second is not None
        assert second.body == {"list": [1]}

    def test_r2_a_lone_surrogate_is_kept_and_does_not_crash(self, provider: HasRecords) -> None:
        partition = any_partition()
        put(provider.records, partition, "HEAD", {"text": "half \ud800 and whole 😀"})
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert row.body == {"text": "half \ud800 and whole 😀"}

    def test_r3_absent_holds_once(self, provider: HasRecords) -> None:
        partition = any_partition()
        provider.records.write(Batch(partition, [Put("HEAD", {"n": 1}, ABSENT)]))
        with pytest.raises(Conflict):
            provider.records.write(Batch(partition, [Put("HEAD", {"n": 2}, ABSENT)]))
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert row.body == {"n": 1}

    def test_r3_a_version_holds_until_the_row_is_written_again(self, provider: HasRecords) -> None:
        partition = any_partition()
        first = put(provider.records, partition, "HEAD")
        second = provider.records.write(Batch(partition, [Put("HEAD", {"n": 2}, first)]))["HEAD"]
        assert second != first
        for stale in (Put("HEAD", {"n": 3}, first), Delete("HEAD", first), Check("HEAD", first)):
            with pytest.raises(Conflict):
                provider.records.write(Batch(partition, [stale]))

    def test_r3_a_version_never_comes_back_even_for_the_same_body_after_a_deletion(self, provider: HasRecords) -> None:
        partition = any_partition()
        versions = []
        for _ in range(5):
            versions.append(put(provider.records, partition, "HEAD", {"n": 1}))
            provider.records.write(Batch(partition, [Delete("HEAD")]))
        assert len(set(versions)) == 5

    def test_r3_an_unconditional_write_and_delete_always_hold(self, provider: HasRecords) -> None:
        partition = any_partition()
        provider.records.write(Batch(partition, [Delete("HEAD", ANY)]))
        put(provider.records, partition, "HEAD")
        put(provider.records, partition, "HEAD", {"n": 2})
        provider.records.write(Batch(partition, [Delete("HEAD", ANY)]))
        assert provider.records.get(partition, "HEAD") is None

    def test_r3_conditions_on_absent_rows(self, provider: HasRecords) -> None:
        partition = any_partition()
        gone = put(provider.records, partition, "HEAD")
        provider.records.write(Batch(partition, [Delete("HEAD", gone), Check("OTHER", ABSENT)]))
        for write in (Put("HEAD", {}, gone), Delete("HEAD", gone), Check("HEAD", gone)):
            with pytest.raises(Conflict):
                provider.records.write(Batch(partition, [write]))
        provider.records.write(Batch(partition, [Check("HEAD", ABSENT), Put("NEXT", {})]))

    def test_r4_a_batch_is_stored_whole_or_not_at_all(self, provider: HasRecords) -> None:
        partition, event = any_partition(), any_event()
        kept = put(provider.records, partition, "KEPT", {"n": 1})
        stale = Check("HELD", Version("no such version"))
        writes: list[Write] = [Put("A", {}), Put("KEPT", {"n": 2}), Delete("B"), stale, Put("Z", {})]
        with pytest.raises(Conflict):
            provider.records.write(Batch(partition, writes, [event]))
        assert [(row.row, row.version) for row in provider.records.query(partition)] == [("KEPT", kept)]
        assert among(self.told(provider), event) == []

    def test_r4_a_batch_returns_the_versions_of_the_rows_it_put(self, provider: HasRecords) -> None:
        partition = any_partition()
        put(provider.records, partition, "OLD")
        held = put(provider.records, partition, "HELD")
        versions = provider.records.write(
            Batch(partition, [Put("A", {}), Delete("OLD"), Check("HELD", held), Put("B", {})])
        )
        assert versions == {row.row: row.version for row in provider.records.query(partition) if row.row != "HELD"}
        assert set(versions) == {"A", "B"}

    def test_r6_rows_come_in_byte_order(self, provider: HasRecords) -> None:
        partition = any_partition()
        rows = [
            "IN|~",
            "IN|a",
            "IN|Z",
            "IN|_",
            "IN| ",
            "IN|10",
            "IN|9",
            "IN",
            "IN|!",
            "IN|a|b",
            "IN|a b",
            "IN}x",
            "IM|z",
        ]
        for row in rows:
            put(provider.records, partition, row)
        assert [row.row for row in provider.records.query(partition)] == sorted(rows)
        assert [row.row for row in provider.records.query(partition, prefix="IN|")] == sorted(
            row for row in rows if row.startswith("IN|")
        )

    def test_r6_a_range_includes_its_start_and_excludes_its_end(self, provider: HasRecords) -> None:
        partition = any_partition()
        for row in "abcde":
            put(provider.records, partition, row)
        found = [row.row for row in provider.records.query(partition, start="b", end="d")]
        assert found == ["b", "c"]
        assert [row.row for row in provider.records.query(partition, start="d")] == ["d", "e"]
        assert [row.row for row in provider.records.query(partition, end="c")] == ["a", "b"]
        assert list(provider.records.query(partition, start="d", end="b")) == []

    def test_r6_a_limit_cuts_and_the_next_page_goes_on_behind_the_last_row(self, provider: HasRecords) -> None:
        partition = any_partition()
        for number in range(7):
            put(provider.records, partition, f"IN|{number}")
        found, sizes, start = list[str](), list[int](), ""
        while page := provider.records.query(partition, start=start, limit=3):
            found += [row.row for row in page]
            sizes.append(len(page))
            start = page[-1].row + " "
        assert sizes == [3, 3, 1]
        assert found == [f"IN|{number}" for number in range(7)]

    def test_r6_a_query_stays_in_its_partition(self, provider: HasRecords) -> None:
        partition = any_partition()
        put(provider.records, partition, "HEAD")
        put(provider.records, f"{partition}0", "HEAD")
        put(provider.records, f"{partition}|x", "HEAD")
        assert [row.partition for row in provider.records.query(partition)] == [partition]

    def test_r7_an_expired_row_is_absent_on_read_and_may_be_created_again(self, provider: HasRecords) -> None:
        partition, now = any_partition(), int(time.time())
        provider.records.write(
            Batch(partition, [Put("OLD", {}, expires_at=now - 60), Put("LIVE", {}, expires_at=now + 999)])
        )
        assert provider.records.get(partition, "OLD") is None
        assert [row.row for row in provider.records.query(partition)] == ["LIVE"]
        provider.records.write(Batch(partition, [Put("OLD", {"n": 2}, ABSENT)]))
        row = provider.records.get(partition, "OLD")
        assert row is not None
        assert row.body == {"n": 2}

    def test_r8_ones_own_earlier_try_conflicts_and_is_known_by_its_writer(self, provider: HasRecords) -> None:
        partition = any_partition()
        mine = Batch(partition, [Put("HEAD", {"writer": "w1", "n": 1}, ABSENT)])
        version = provider.records.write(mine)["HEAD"]
        with pytest.raises(Conflict):
            provider.records.write(mine)
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert (row.version, row.body["writer"]) == (version, "w1")

    def test_r8_of_writers_that_meet_none_is_lost_and_none_counts_twice(self, provider: HasRecords) -> None:
        partition, writers = any_partition(), [f"w{number:02}" for number in range(12)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda writer: sign(provider.records, partition, writer), writers))
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert sorted(row.body["names"]) == writers

    def test_r10_a_time_is_its_writers_and_decides_nothing(self, provider: HasRecords) -> None:
        partition, times = any_partition(), {"a": 2**53, "b": 0, "c": -1}
        for row, at in times.items():
            put(provider.records, partition, row, {"at": at})
        assert [(row.row, row.body) for row in provider.records.query(partition)] == [
            (row, {"at": at}) for row, at in times.items()
        ]

    def test_r9_the_events_of_a_batch_are_relayed_and_then_forgotten(self, provider: HasRecords) -> None:
        partition, first, second = any_partition(), any_event(), any_event("TicketClosed")
        provider.records.write(Batch(partition, [Put("HEAD", {})], [first, second]))
        assert among(self.told(provider), first, second) == [first, second]
        assert among(self.told(provider), first, second) == []

    def test_r9_events_that_could_not_be_told_are_told_again(self, provider: HasRecords) -> None:
        partition, event = any_partition(), any_event()
        provider.records.write(Batch(partition, [Put("HEAD", {})], [event]))

        def fail(_: Sequence[Event]) -> None:
            raise Unavailable("nobody listens")

        with pytest.raises(Unavailable):
            self.relay(provider, fail)
        assert among(self.told(provider), event) == [event]

    def test_r9_a_later_write_of_the_row_tells_its_own_events_alone(self, provider: HasRecords) -> None:
        partition, first, third = any_partition(), any_event(), any_event()
        for events in ([first], [], [third]):
            provider.records.write(Batch(partition, [Put("HEAD", {})], events))
        assert sorted(e.id for e in among(self.told(provider), first, third)) == sorted([first.id, third.id])

    def test_r9_events_of_a_batch_that_puts_nothing_are_relayed_too(self, provider: HasRecords) -> None:
        partition, event = any_partition(), any_event()
        put(provider.records, partition, "HEAD")
        provider.records.write(Batch(partition, [Delete("HEAD")], [event]))
        assert among(self.told(provider), event) == [event]
        assert provider.records.query(partition) == []
