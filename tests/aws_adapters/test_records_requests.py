"""What `records` asks of DynamoDB, request by request; moto would accept other shapes too."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.aws.provider import AwsProvider
from shared.errors import Conflict, Misconfigured, Throttled, TooLarge, Unavailable, Uncertain
from shared.ports.records import ABSENT, ANY, Batch, Check, Delete, Event, Put, Version, Write
from tests.aws_adapters.faults import attempts_meet, no_answer, no_connection
from tests.contract.aws_backend import requests_of, stream_of

P = "T|t1|C|c1"
EVENT = Event("e1", "TicketOpened", {"ticket": "k1"})


def asked(provider: AwsProvider, writes: list[Write], events: list[Event] | None = None) -> list[tuple[str, Any]]:
    """The requests of one batch."""
    with requests_of(provider.clients, "dynamodb") as requests:
        provider.records.write(Batch(P, writes, events or []))
    return requests


def test_one_row_is_one_conditional_put(provider: AwsProvider) -> None:
    ((operation, put),) = asked(provider, [Put("HEAD", {"n": 1}, ABSENT, expires_at=9_999_999_999)], [EVENT])
    assert operation == "PutItem"
    assert put["TableName"] == provider.settings.records_table
    assert put["ConditionExpression"] == "attribute_not_exists(pk) OR #expires <= :now"
    assert put["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert put["Item"] == {
        "pk": {"S": P},
        "sk": {"S": "HEAD"},
        "version": put["Item"]["version"],
        "body": {"S": '{"n":1}'},
        "expires": {"N": "9999999999"},
        "events": {"L": [{"S": '{"id":"e1","name":"TicketOpened","body":{"ticket":"k1"}}'}]},
        "tells": {"S": "1"},
    }


def test_an_unconditional_put_asks_for_nothing_more(provider: AwsProvider) -> None:
    ((operation, put),) = asked(provider, [Put("HEAD", {})])
    assert (operation, set(put), set(put["Item"])) == (
        "PutItem", {"TableName", "Item"}, {"pk", "sk", "version", "body"},
    )  # fmt: skip


def test_a_version_is_compared_where_the_row_has_not_expired(provider: AwsProvider) -> None:
    version = provider.records.write(Batch(P, [Put("HEAD", {})]))["HEAD"]
    ((operation, delete),) = asked(provider, [Delete("HEAD", version)])
    assert operation == "DeleteItem"
    assert delete["ConditionExpression"] == (
        "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)"
    )
    assert delete["ExpressionAttributeValues"][":version"] == {"S": version}


def test_more_rows_are_one_transaction_under_a_token(provider: AwsProvider) -> None:
    ((operation, first),) = asked(provider, [Put("HEAD", {}), Delete("OLD"), Check("NONE", ABSENT)])
    ((_, second),) = asked(provider, [Put("HEAD", {}), Delete("OLD")])
    assert operation == "TransactWriteItems"
    assert [next(iter(each)) for each in first["TransactItems"]] == ["Put", "Delete", "ConditionCheck"]
    assert first["ClientRequestToken"] != second["ClientRequestToken"]
    assert 1 <= len(first["ClientRequestToken"]) <= 36


def test_the_sdk_sends_its_second_attempt_under_the_same_token(provider: AwsProvider) -> None:
    """moto ignores the token and would refuse the second attempt; AWS answers that it has been done."""
    with attempts_meet(provider.clients.of("dynamodb"), no_connection) as attempts:
        provider.records.write(Batch(P, [Put("A", {}), Put("B", {})]))
    assert len(attempts) == 2
    assert attempts[0] == attempts[1]
    assert b"ClientRequestToken" in attempts[0]


def test_checks_that_always_hold_ask_nothing(provider: AwsProvider) -> None:
    assert asked(provider, [Check("HEAD", ANY)]) == []
    ((operation, _),) = asked(provider, [Check("HEAD", ANY), Put("HEAD2", {})])
    assert operation == "PutItem"


def test_a_lone_check_is_a_transaction_of_one(provider: AwsProvider) -> None:
    ((operation, check),) = asked(provider, [Check("HEAD", ABSENT)])
    assert (operation, list(check["TransactItems"][0])) == ("TransactWriteItems", ["ConditionCheck"])


def test_events_ride_in_the_first_put_alone(provider: AwsProvider) -> None:
    ((_, transaction),) = asked(provider, [Delete("OLD"), Put("A", {}), Put("B", {})], [EVENT])
    items = [each["Put"]["Item"] for each in transaction["TransactItems"] if "Put" in each]
    assert [("events" in item, item["sk"]["S"]) for item in items] == [(True, "A"), (False, "B")]


def test_events_without_a_put_stand_beside_the_partition_and_expire(provider: AwsProvider) -> None:
    ((operation, transaction),) = asked(provider, [Delete("OLD")], [EVENT])
    item = transaction["TransactItems"][1]["Put"]["Item"]
    assert operation == "TransactWriteItems"
    assert item["pk"] == {"S": f"#{P}"}
    assert item["sk"]["S"].startswith("EV|")
    assert int(item["expires"]["N"]) > provider.clock.now() // 1000
    assert provider.records.query(P) == []


def test_events_too_large_to_ride_get_rows_of_their_own(provider: AwsProvider) -> None:
    events = [Event(f"e{number}", "TicketOpened", {"text": "語" * 29_000}) for number in range(5)]
    ((_, transaction),) = asked(provider, [Put("HEAD", {})], events)
    items = [each["Put"]["Item"] for each in transaction["TransactItems"]]
    assert [len(item.get("events", {}).get("L", ())) for item in items] == [0, 1, 1, 1, 1, 1]


def test_a_batch_over_four_megabytes_or_a_hundred_operations_is_refused_before_it_is_sent(
    provider: AwsProvider,
) -> None:
    wide: list[Write] = [Put(f"R|{number}", {"text": "語" * 29_000}) for number in range(50)]
    many = [Event(f"e{number}", "TicketOpened", {"text": "x" * 3_000}) for number in range(100)]
    with requests_of(provider.clients, "dynamodb") as requests:
        for batch in (Batch(P, wide), Batch(P, [Put("HEAD", {})], many)):
            with pytest.raises(TooLarge):
                provider.records.write(batch)
    assert requests == []


def test_a_tenants_money_stands_in_the_ledger_and_nothing_else_does(provider: AwsProvider) -> None:
    for partition in ("T|t1|money", P):
        provider.records.write(Batch(partition, [Put("HEAD", {"at": partition})], [EVENT]))
        row = provider.records.get(partition, "HEAD")
        assert row is not None
        assert row.body == {"at": partition}
        assert [found.partition for found in provider.records.query(partition)] == [partition]
    for table, partition in ((provider.settings.ledger_table, "T|t1|money"), (provider.settings.records_table, P)):
        (record,) = stream_of(provider.clients, table)
        assert record["dynamodb"]["Keys"]["pk"] == {"S": partition}


def test_reads_are_strong_and_one_request_each(provider: AwsProvider) -> None:
    with requests_of(provider.clients, "dynamodb") as requests:
        provider.records.get(P, "HEAD")
        provider.records.query(P, prefix="IN|", limit=7)
    assert [operation for operation, _ in requests] == ["GetItem", "Query"]
    assert all(parameters["ConsistentRead"] is True for _, parameters in requests)
    assert requests[1][1]["Limit"] == 7


@pytest.mark.parametrize(
    ("bounds", "condition"),
    [
        ({}, "pk = :pk"),
        ({"prefix": "IN|"}, "pk = :pk AND begins_with(sk, :prefix)"),
        ({"start": "a"}, "pk = :pk AND sk >= :start"),
        ({"end": "b"}, "pk = :pk AND sk < :end"),
        ({"start": "a", "end": "b"}, "pk = :pk AND sk BETWEEN :start AND :end"),
    ],
)
def test_a_query_is_one_key_condition(provider: AwsProvider, bounds: Any, condition: str) -> None:
    with requests_of(provider.clients, "dynamodb") as requests:
        provider.records.query(P, **bounds)
    assert [parameters["KeyConditionExpression"] for _, parameters in requests] == [condition]


def test_a_range_that_ends_before_it_begins_asks_nothing(provider: AwsProvider) -> None:
    with requests_of(provider.clients, "dynamodb") as requests:
        assert provider.records.query(P, start="b", end="b") == []
    assert requests == []


def test_a_query_goes_on_where_a_megabyte_or_expired_rows_cut_it(provider: AwsProvider) -> None:
    past = provider.clock.now() // 1000 - 1
    for number in range(60):
        provider.records.write(Batch(P, [Put(f"R|{number:02}", {"text": "x" * 25_000})]))
    for number in range(5):
        provider.records.write(Batch(P, [Put(f"A|{number}", {}, expires_at=past)]))
    with requests_of(provider.clients, "dynamodb") as requests:
        assert len(provider.records.query(P)) == 60
        assert [row.row for row in provider.records.query(P, limit=3)] == ["R|00", "R|01", "R|02"]
    assert len(requests) == 2 + 3


def test_r8_what_the_sdks_own_first_attempt_stored_is_no_conflict(provider: AwsProvider) -> None:
    with attempts_meet(provider.clients.of("dynamodb"), no_answer, done=True) as attempts:
        version = provider.records.write(Batch(P, [Put("HEAD", {"n": 1}, ABSENT)], [EVENT]))["HEAD"]
    row = provider.records.get(P, "HEAD")
    assert row is not None
    assert (row.version, len(attempts)) == (version, 2)


def test_r8_what_another_stored_is_a_conflict_also_after_an_attempt_in_doubt(provider: AwsProvider) -> None:
    provider.records.write(Batch(P, [Put("HEAD", {"n": 1})]))
    with attempts_meet(provider.clients.of("dynamodb"), no_answer), pytest.raises(Conflict):
        provider.records.write(Batch(P, [Put("HEAD", {"n": 2}, ABSENT)]))


@pytest.mark.parametrize(
    ("faults", "ours"),
    [
        ([no_connection] * 3, Unavailable),
        ([(400, "ThrottlingException")] * 3, Throttled),
        ([(503, "ServiceUnavailable")] * 3, Unavailable),
        ([no_answer] * 3, Uncertain),
        ([no_answer, no_connection, no_connection], Uncertain),
        ([no_answer, (400, "ThrottlingException"), (400, "ThrottlingException")], Uncertain),
        ([(500, "InternalServerError"), no_connection, (400, "ThrottlingException")], Uncertain),
        ([(400, "TransactionConflictException")], Conflict),
        ([(400, "AccessDeniedException")], Misconfigured),
    ],
)
def test_a_write_says_what_its_attempts_leave_open(
    provider: AwsProvider, faults: list[Any], ours: type[Exception]
) -> None:
    with attempts_meet(provider.clients.of("dynamodb"), *faults) as attempts, pytest.raises(ours):
        provider.records.write(Batch(P, [Put("HEAD", {})]))
    assert len(attempts) == len(faults)


def test_a_read_that_stays_unanswered_is_unavailable_and_one_that_recovers_is_read(provider: AwsProvider) -> None:
    with attempts_meet(provider.clients.of("dynamodb"), no_answer, no_answer):
        assert provider.records.get(P, "HEAD") is None
    with attempts_meet(provider.clients.of("dynamodb"), *[no_answer] * 3), pytest.raises(Unavailable):
        provider.records.query(P)


def test_a_version_that_nobody_could_have_read_holds_nothing(provider: AwsProvider) -> None:
    with pytest.raises(Conflict):
        provider.records.write(Batch(P, [Put("HEAD", {}, Version("no such version"))]))
