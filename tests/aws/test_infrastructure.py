"""The cloud of these tests does what the services do: what is dropped, what is told again, what a role allows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.aws.normalise import normalise
from tests.aws.rights import Statement, asks_of
from tests.aws.sources import FunctionFailed, Stream
from tests.aws.wiring import Mapped, Route, find_route, matches

FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": "x.zip"}, "Handler": "a.b", "Tags": []}}
ALIAS = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}, "Name": "live"}}
TARGET = {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "f", "Arn": {"Ref": "A"}}]}}
PEOPLE = {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "p", "Arn": {"Ref": "Topic"}}]}}
TOPIC = {"Type": "AWS::SNS::Topic"}


def test_a_template_keeps_what_moto_makes_and_tells_the_rest_as_outputs() -> None:
    resources = {"F": FUNCTION, "A": ALIAS, "R": TARGET, "P": PEOPLE, "Topic": TOPIC}
    made = normalise({"Resources": resources, "Rules": {}, "Parameters": {"BootstrapVersion": {}}})
    assert set(made) == {"Resources", "Outputs"}
    assert made["Resources"]["F"]["Properties"] == {"Code": {"ZipFile": "nothing"}, "Handler": "a.b"}
    assert set(made["Resources"]) == {"F", "R"}
    assert made["Outputs"] == {"AFunctionName": {"Value": {"Ref": "F"}}, "AName": {"Value": "live"}}


def test_an_alias_is_named_by_way_of_its_function() -> None:
    made = normalise({"Resources": {"F": FUNCTION, "A": ALIAS, "R": TARGET}})
    (target,) = made["Resources"]["R"]["Properties"]["Targets"]
    assert target["Arn"] == {"Fn::Join": [":", [{"Fn::GetAtt": ["F", "Arn"]}, "live"]]}


def test_what_is_dropped_is_named_where_others_refer_to_it() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["Topic", "TopicName"]}}}
    made = normalise({"Resources": {"Q": queue, "Topic": TOPIC}, "Outputs": {"T": {"Value": {"Ref": "Topic"}}}})
    assert made["Resources"]["Q"]["Properties"] == {"QueueName": "Topic"}
    assert made["Outputs"] == {"T": {"Value": "Topic"}}


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/a", "GET /a"),
        ("GET", "/a/b/c", "GET /a/{proxy+}"),
        ("GET", "/a/", "$default"),
        ("POST", "/a", "$default"),
        ("OPTIONS", "/a/b", "$default"),
    ],
)
def test_the_most_specific_route_is_taken(method: str, path: str, key: str) -> None:
    table = tuple(Route(each, "f", closed=False) for each in ("$default", "GET /a/{proxy+}", "GET /a"))
    found = find_route(table, method, path)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ({"a": ["x"]}, {"a": "x"}, True),
        ({"a": ["x"]}, {"a": "y"}, False),
        ({"a": [{"exists": True}]}, {"a": ""}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": {"b": [{"exists": True}]}}, {"a": [{"c": 1}, {"b": 2}]}, True),
        ({"a": {"b": [{"exists": True}]}}, {"a": []}, False),
        ({"a": {"b": ["x"]}}, {}, False),
    ],
)
def test_a_filter_takes_what_its_pattern_says(pattern: Any, value: Any, fits: bool) -> None:
    assert matches(pattern, value) is fits


class OneShard:
    """The stream of a table with these numbers in it."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers

    def describe_stream(self, **_: Any) -> Any:
        shard = {"ShardId": "s", "SequenceNumberRange": {"StartingSequenceNumber": "1"}}
        return {"StreamDescription": {"Shards": [shard]}}

    def get_shard_iterator(self, *, SequenceNumber: str, **_: Any) -> Any:
        return {"ShardIterator": SequenceNumber}

    def get_records(self, *, ShardIterator: str) -> Any:
        first = int(ShardIterator)
        return {"Records": [{"dynamodb": {"SequenceNumber": str(each)}} for each in self._numbers if each >= first]}


def take_all(poison: str, *, partial: bool) -> tuple[list[list[str]], list[Any]]:
    """Every batch that a function was told of three records, one of which it never takes; what was given up."""
    batches: list[list[str]] = []

    def invoke(_: str, event: Any) -> Any:
        numbers = [each["dynamodb"]["SequenceNumber"] for each in event["Records"]]
        batches.append(numbers)
        if poison in numbers and not partial:
            raise FunctionFailed
        return {"batchItemFailures": [{"itemIdentifier": poison}] if poison in numbers else []}

    stream = Stream(Mapped("s", "f", batch=10, partial=partial, retries=1, filters=()), OneShard(1, 2, 3), invoke)
    while stream.take():
        continue
    return batches, stream.given_up


def test_a_record_that_fails_holds_up_those_behind_it_until_it_is_given_up() -> None:
    batches, given_up = take_all("2", partial=True)
    assert batches == [["1", "2", "3"], ["2", "3"], ["2", "3"], ["3"]]
    assert [each["dynamodb"]["SequenceNumber"] for each in given_up] == ["2"]


def test_without_partial_answers_the_whole_batch_is_told_again() -> None:
    batches, given_up = take_all("3", partial=False)
    assert batches[:2] == [["1", "2", "3"]] * 2
    assert len(given_up) == 3


PUT = {"Put": {"TableName": "ledger"}}
CHECK = {"ConditionCheck": {"TableName": "records"}}


def test_a_transaction_asks_for_each_of_its_writes() -> None:
    asked = list(asks_of("dynamodb", "TransactWriteItems", {"TransactItems": [PUT, CHECK]}))
    assert [(action, table.rsplit("/", 1)[1]) for action, table in asked] == [
        ("dynamodb:PutItem", "ledger"),
        ("dynamodb:ConditionCheckItem", "records"),
    ]


def test_a_role_allows_its_actions_on_its_resources_only() -> None:
    statement = Statement(("s3:GetObject",), ("arn:aws:s3:::documents/*",))
    told = {"Bucket": "documents", "Key": "a/b"}
    assert all(map(statement.allows, asks_of("s3", "GetObject", told)))
    assert not any(map(statement.allows, asks_of("s3", "PutObject", told)))
    assert not any(map(statement.allows, asks_of("s3", "GetObject", told | {"Bucket": "mail"})))


def test_a_request_that_nobody_listed_is_found_out() -> None:
    with pytest.raises(KeyError):
        asks_of("s3", "DeleteBucket", json.loads("{}"))
