"""What the relay hears from the streams: each event of a stored batch, from the write that stored it (R9)."""

from __future__ import annotations

import pytest

from adapters.aws.provider import AwsProvider
from adapters.aws.records_stream import events_of, partition_of
from shared.errors import Conflict
from shared.ports.records import Batch, Check, Delete, Event, Put
from tests.contract.aws_backend import stream_of

P = "T|t1|C|c1"


def any_event(number: int) -> Event:
    return Event(f"e{number}", "TicketOpened", {"text": "Grüße 😀 \x00", "n": [number, None]})


def told(provider: AwsProvider) -> list[tuple[str, list[str]]]:
    """Kind of each record and the ids of the events that it tells."""
    return [
        (record["eventName"], [event.id for event in events_of(record)])
        for record in stream_of(provider.clients, provider.settings.records_table)
    ]


def test_an_event_is_told_as_it_was_stored(provider: AwsProvider) -> None:
    stored = [any_event(1), any_event(2)]
    provider.records.write(Batch(P, [Put("A", {}), Put("B", {})], stored))
    records = list(stream_of(provider.clients, provider.settings.records_table))
    assert [event for record in records for event in events_of(record)] == stored
    assert {partition_of(record) for record in records} == {P}


def test_each_write_tells_its_own_events_and_no_older_ones(provider: AwsProvider) -> None:
    provider.records.write(Batch(P, [Put("HEAD", {"n": 1})], [any_event(1)]))
    provider.records.write(Batch(P, [Put("HEAD", {"n": 2})]))
    provider.records.write(Batch(P, [Put("HEAD", {"n": 3})], [any_event(3)]))
    provider.records.write(Batch(P, [Delete("HEAD")]))
    assert told(provider) == [("INSERT", ["e1"]), ("MODIFY", []), ("MODIFY", ["e3"]), ("REMOVE", [])]


def test_events_of_a_batch_that_puts_nothing_are_told_and_belong_to_its_partition(provider: AwsProvider) -> None:
    provider.records.write(Batch(P, [Delete("HEAD")], [any_event(1), any_event(2)]))
    records = list(stream_of(provider.clients, provider.settings.records_table))
    assert [event.id for record in records for event in events_of(record)] == ["e1", "e2"]
    assert {partition_of(record) for record in records} == {P}


def test_a_record_without_an_image_tells_nothing() -> None:
    assert events_of({"eventName": "REMOVE", "dynamodb": {"Keys": {"pk": {"S": P}}}}) == []
    assert events_of({}) == []


def test_r9_a_refused_transaction_leaves_neither_rows_nor_records_behind(provider: AwsProvider) -> None:
    """It also holds `quick_transactions` (aws_backend.py) to what moto's own copies would do."""
    kept = provider.records.write(Batch(P, [Put("KEPT", {})], [any_event(1)]))["KEPT"]
    with pytest.raises(Conflict):
        provider.records.write(Batch(P, [Put("A", {}), Put("KEPT", {}), Check("NONE", kept)], [any_event(2)]))
    assert [(row.row, row.version) for row in provider.records.query(P)] == [("KEPT", kept)]
    assert told(provider) == [("INSERT", ["e1"])]
    provider.records.write(Batch(P, [Put("A", {}), Put("B", {})], [any_event(3)]))
    assert [ids for _, ids in told(provider)] == [["e1"], ["e3"], []]
