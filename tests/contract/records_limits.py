"""The limits of every provider's `records`, at their edge: R1, R2, R4, R6 and R11."""

from __future__ import annotations

import string
from typing import Any

import pytest

from shared.errors import InvalidInput, TooLarge
from shared.ports.records import ABSENT, Batch, Check, Delete, Event, Put, Version, Write
from tests.contract.records import HasRecords, any_event, any_partition, put
from tests.contract.relaying import Relayed, among

BAD_KEYS = ("", "a/b", "a\\b", "a#b", "a?b", "é", "a\tb", "a\nb", "a\x7f", "a||b", "|a", "a|", "\x00")
OVERHEAD = len('{"text":""}')


def body_of(characters: int, letter: str = "x") -> dict[str, Any]:
    """A body whose JSON text has exactly so many characters."""
    return {"text": letter * (characters - OVERHEAD)}


class RecordsLimitsContract(Relayed):
    """R11: what breaks a limit is refused before anything is stored."""

    def test_r1_every_other_printable_character_is_allowed(self, provider: HasRecords) -> None:
        partition = any_partition()
        row = "".join(sorted(set(string.printable[:95]) - set("/\\#?|"))) + "|" + "x y"
        put(provider.records, partition, row)
        assert [found.row for found in provider.records.query(partition)] == [row]

    @pytest.mark.parametrize("bad", BAD_KEYS)
    def test_r1_a_bad_key_is_refused(self, provider: HasRecords, bad: str) -> None:
        partition = any_partition()
        with pytest.raises(InvalidInput, match="row"):
            provider.records.write(Batch(partition, [Put("GOOD", {}), Put(bad, {})]))
        with pytest.raises(InvalidInput, match="partition"):
            provider.records.write(Batch(bad, [Put("GOOD", {})]))
        with pytest.raises(InvalidInput):
            provider.records.get(partition, bad)
        with pytest.raises(InvalidInput):
            provider.records.query(bad)
        assert list(provider.records.query(partition)) == []

    def test_r1_a_key_of_500_bytes_is_kept_and_one_of_501_refused(self, provider: HasRecords) -> None:
        partition = any_partition()
        longest = "r" * (500 - len(partition))
        put(provider.records, partition, longest)
        assert provider.records.get(partition, longest) is not None
        with pytest.raises(TooLarge):
            put(provider.records, partition, longest + "r")
        with pytest.raises(TooLarge):
            provider.records.get(partition, longest + "r")

    @pytest.mark.parametrize("letter", ["x", "é", "語", "😀"])
    def test_r2_a_body_of_30000_characters_is_kept_and_one_of_30001_refused(
        self, provider: HasRecords, letter: str
    ) -> None:
        partition = any_partition()
        put(provider.records, partition, "HEAD", body_of(30_000, letter))
        with pytest.raises(TooLarge):
            put(provider.records, partition, "NEXT", body_of(30_001, letter))
        assert [row.body for row in provider.records.query(partition)] == [body_of(30_000, letter)]

    @pytest.mark.parametrize(
        "bad",
        [{"a": 1.5}, {"a": [{"b": 0.0}]}, {"a": float("nan")}, {"a": float("inf")}, {"a": b"bytes"}, {"a": {1}},
         {1: "number"}, {"a": {None: 1}}, {"a": 10**5000}],
    )  # fmt: skip
    def test_r2_what_is_no_float_free_json_object_is_refused(self, provider: HasRecords, bad: Any) -> None:
        partition = any_partition()
        with pytest.raises(InvalidInput):
            provider.records.write(Batch(partition, [Put("HEAD", bad)]))
        with pytest.raises(InvalidInput):
            provider.records.write(Batch(partition, [Put("HEAD", {})], [Event("e1", "TicketOpened", bad)]))
        assert provider.records.get(partition, "HEAD") is None

    def test_r2_a_body_without_an_end_is_refused(self, provider: HasRecords) -> None:
        endless: dict[str, Any] = {}
        endless["again"] = endless
        deep: Any = {}
        for _ in range(5000):
            deep = {"deeper": deep}
        endings: list[Any] = [endless, deep, [], "text", None]
        for bad in endings:
            with pytest.raises(InvalidInput):
                provider.records.write(Batch(any_partition(), [Put("HEAD", bad)]))

    def test_r4_a_batch_of_50_rows_is_kept_and_one_of_51_refused(self, provider: HasRecords) -> None:
        partition = any_partition()
        writes: list[Write] = [Put(f"IN|{number:02}", {}, ABSENT) for number in range(48)]
        writes += [Delete("GONE"), Check("NONE", ABSENT)]
        provider.records.write(Batch(partition, writes, [any_event()]))
        assert len(provider.records.query(partition)) == 48
        other, event = any_partition(), any_event()
        with pytest.raises(TooLarge):
            provider.records.write(Batch(other, [*writes, Put("MORE", {})], [event]))
        assert list(provider.records.query(other)) == []
        assert among(self.told(provider), event) == []

    def test_r4_a_batch_names_a_row_once_and_is_not_empty(self, provider: HasRecords) -> None:
        partition = any_partition()
        version = put(provider.records, partition, "HEAD")
        twice: list[Write] = [Check("HEAD", version), Put("HEAD", {})]
        for writes in (twice, [*twice, Delete("NEXT")], []):
            with pytest.raises(InvalidInput):
                provider.records.write(Batch(partition, writes))
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert row.version == version

    def test_r6_a_query_is_a_prefix_or_a_range_and_asks_for_rows(self, provider: HasRecords) -> None:
        partition = any_partition()
        with pytest.raises(InvalidInput):
            provider.records.query(partition, prefix="IN", start="A")
        with pytest.raises(InvalidInput):
            provider.records.query(partition, limit=0)
        with pytest.raises(InvalidInput):
            provider.records.query(partition, prefix="é")

    def test_r11_what_is_refused_leaves_the_rest_of_its_batch_unstored(self, provider: HasRecords) -> None:
        partition, event = any_partition(), any_event()
        with pytest.raises(TooLarge):
            provider.records.write(Batch(partition, [Put("A", {}), Put("B", body_of(30_001))], [event]))
        with pytest.raises(InvalidInput):
            provider.records.write(Batch(partition, [Put("A", {}), Check("B c?", Version("v"))], [event]))
        assert list(provider.records.query(partition)) == []
        assert among(self.told(provider), event) == []
