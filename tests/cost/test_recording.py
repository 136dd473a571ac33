"""A bill says what AWS would charge: DynamoDB by the size of items, queues and events by chunks, by who was at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from adapters.aws.billing_units import CHARGES, chunks, size_of_item
from adapters.aws.clients import Clients
from adapters.aws.prices import read_prices
from adapters.aws.recording import Bill, at_work, recorded
from shared.errors import Misconfigured
from tests.contract.aws_backend import make_table

TABLE = "t"
KEY = {"pk": {"S": "T|demo|C|c1"}, "sk": {"S": "HEAD"}}


@pytest.fixture
def bill() -> Iterator[Bill]:
    with mock_aws(), recorded(Bill()) as bill:
        yield bill


@pytest.fixture
def dynamodb(bill: Bill) -> Any:
    clients = Clients("us-east-1")
    make_table(clients, TABLE)
    return clients.of("dynamodb")


def put(dynamodb: Any, size: int, **more: Any) -> None:
    dynamodb.put_item(TableName=TABLE, Item={**KEY, "body": {"S": "x" * size}}, **more)


@pytest.mark.parametrize(("size", "units"), [(10, 1), (900, 1), (1100, 2), (3000, 3)])
def test_a_put_costs_a_unit_for_each_kilobyte_begun(bill: Bill, dynamodb: Any, size: int, units: int) -> None:
    with at_work("f"):
        put(dynamodb, size)
    assert bill.count("dynamodb.write_unit") == units


def test_a_put_over_a_larger_item_costs_what_the_larger_one_would(bill: Bill, dynamodb: Any) -> None:
    with at_work("f"):
        put(dynamodb, 3000)
        put(dynamodb, 10)
        put(dynamodb, 10)
    assert bill.count("dynamodb.write_unit") == 3 + 3 + 1


def test_a_put_whose_condition_fails_is_charged_and_changes_no_size(bill: Bill, dynamodb: Any) -> None:
    with at_work("f"):
        put(dynamodb, 10)
        with suppress(ClientError):
            put(dynamodb, 1500, ConditionExpression="attribute_not_exists(pk)")
        put(dynamodb, 10)
    assert bill.count("dynamodb.write_unit") == 1 + 2 + 1


def test_a_transaction_costs_twice_each_of_its_writes_and_checks(bill: Bill, dynamodb: Any) -> None:
    other = {"pk": KEY["pk"], "sk": {"S": "TURN|1"}}
    check = {"TableName": TABLE, "Key": other, "ConditionExpression": "attribute_not_exists(pk)"}
    write = {"TableName": TABLE, "Item": {**KEY, "body": {"S": "x" * 1500}}}
    with at_work("f"):
        dynamodb.transact_write_items(TransactItems=[{"Put": write}, {"ConditionCheck": check}])
    assert bill.count("dynamodb.write_unit") == 2 * (2 + 1)
    assert bill.requests("DynamoDB.TransactWriteItems") == 1


def test_a_read_costs_a_unit_for_each_four_kilobytes_begun_and_one_for_nothing(bill: Bill, dynamodb: Any) -> None:
    put(dynamodb, 5000)
    with at_work("f"):
        dynamodb.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)
        dynamodb.get_item(TableName=TABLE, Key={**KEY, "sk": {"S": "absent"}}, ConsistentRead=True)
        values = {":pk": KEY["pk"]}
        wanted = {"TableName": TABLE, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": values}
        dynamodb.query(**wanted, ConsistentRead=True)
        dynamodb.query(**wanted)  # need not be strong: half
    assert bill.count("dynamodb.read_unit") == 2 + 1 + 2 + 1
    assert bill.requests("DynamoDB.") == 4


def test_queue_messages_and_events_are_charged_by_64_kilobytes(bill: Bill) -> None:
    clients = Clients("us-east-1")
    url = clients.of("sqs").create_queue(QueueName="q")["QueueUrl"]
    entry = {"Source": "supportmax", "DetailType": "X", "Detail": '{"a": "' + "x" * 70_000 + '"}'}
    with at_work("f"):
        clients.of("sqs").send_message(QueueUrl=url, MessageBody="x")
        clients.of("sqs").send_message(QueueUrl=url, MessageBody="x" * 65_537)
        clients.of("events").put_events(Entries=[{**entry, "Detail": "{}"}, entry])
    assert bill.count("sqs.request") == 1 + 2
    assert bill.count("events.event") == 1 + 2


def test_each_function_has_its_own_lines_and_nobody_pays_for_what_is_set_up_outside(bill: Bill, dynamodb: Any) -> None:
    put(dynamodb, 10)
    for function in ("one", "two", "two"):
        with at_work(function):
            put(dynamodb, 10)
    assert bill.count("dynamodb.write_unit", of=["two"]) == 2
    assert bill.count("dynamodb.write_unit", but=["two"]) == 1
    assert bill.count("dynamodb.write_unit") == 3


def test_a_call_that_nobody_has_priced_is_refused_instead_of_being_free(bill: Bill, dynamodb: Any) -> None:
    with at_work("f"), pytest.raises(Misconfigured, match=r"DynamoDB\.Scan has no row"):
        dynamodb.scan(TableName=TABLE)


def test_nothing_is_recorded_by_clients_that_are_made_later() -> None:
    with mock_aws(), recorded(Bill()) as bill:
        pass
    with mock_aws(), at_work("f"):
        make_table(Clients("us-east-1"), TABLE)
    assert bill.calls == {}


def test_every_charge_is_in_a_unit_that_has_a_price() -> None:
    params: dict[str, Any] = {
        "TableName": TABLE, "Item": KEY, "Key": KEY, "TransactItems": [], "MessageBody": "", "Data": b"",
        "Entries": [{"MessageBody": ""}],
    }  # fmt: skip
    charged = {unit for charge in CHARGES.values() for unit in charge(params, {}, {})}
    assert charged <= set(read_prices().by_unit)


@given(st.text(), st.integers(-(10**15), 10**15), st.booleans())
def test_an_item_is_as_large_as_its_names_and_values(text: str, number: int, flag: bool) -> None:
    item = {"text": {"S": text}, "many": {"L": [{"N": str(number)}, {"BOOL": flag}]}}
    digits = len(str(abs(number)))
    low = len("text") + len("many") + len(text.encode()) + digits // 2
    assert low <= size_of_item(item) <= low + 20


@given(st.integers(0, 10**7), st.integers(1, 10**5))
def test_chunks_cover_the_size_and_no_more(size: int, chunk: int) -> None:
    found = chunks(size, chunk)
    assert found >= 1
    assert found * chunk >= size
    assert (found - 1) * chunk < max(size, 1)
