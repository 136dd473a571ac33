"""A cloud that moto keeps in memory, with the store's tables and bucket; colleagues' contracts add what they need.

moto proves the shape of requests, never exactly-once: what it is known to do otherwise than AWS is said where it
matters, and the request itself is asserted there (tests/aws_adapters).
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws
from moto.dynamodb.models.table import Table

from adapters.aws.clients import Clients
from adapters.aws.settings import AwsSettings

REGION = "eu-central-1"
BUCKET = "supportmax-documents"
TABLES = ("supportmax-records", "supportmax-ledger", "supportmax-directory")
SETTINGS = AwsSettings(
    stage="dev",
    region=REGION,
    records_table=TABLES[0],
    ledger_table=TABLES[1],
    directory_table=TABLES[2],
    documents_bucket=BUCKET,
    event_bus="supportmax-dev",
    secrets_prefix="supportmax/dev/",
)


@dataclass(frozen=True, slots=True)
class Cloud:
    """One mocked account; `settings` names what stands in it."""

    settings: AwsSettings
    clients: Clients


@contextmanager
def any_cloud(config: Any = None, clients: Clients | None = None) -> Iterator[Cloud]:
    """A fresh account with two records tables (streamed), a directory table and a bucket; gone when the block ends.

    Making clients takes longer than making an account, so who needs many accounts hands in the clients of the last.
    """
    with mock_aws(config=config), quick_transactions():
        clients = clients or Clients(REGION)
        for table in TABLES:
            make_table(clients, table)
        clients.of("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Cloud(SETTINGS, clients)


@contextmanager
def quick_transactions() -> Iterator[None]:
    """Let moto keep a table aside before a transaction without copying every item and every record of its stream.

    It copies all of them deeply each time, minutes for a thousand transactions; items are only ever put whole here.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "__deepcopy__", _set_aside, raising=False)
        yield


def _set_aside(table: Table, memo: dict[int, Any]) -> Table:
    kept = copy.copy(table)
    kept.items = defaultdict(dict, {pk: copy.copy(rows) for pk, rows in table.items.items()})
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.table, kept.stream_shard.items = kept, list(table.stream_shard.items)
    return kept


def make_table(clients: Clients, name: str) -> None:
    """A table of the shape that every records table has: `pk` and `sk`, on demand, new images streamed."""
    clients.of("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )


def stream_of(clients: Clients, table: str, seen: int = 0) -> Iterator[dict[str, Any]]:
    """The records of a table's stream behind the first `seen`, oldest first, as Lambda would be given them.

    moto keeps one shard, numbers its records in order, and knows neither the SDK's endpoint for streams nor a shard
    iterator that lives through a refused transaction; so each page is asked for anew.
    """
    streams = clients.of("dynamodbstreams", endpoint=f"https://streams.dynamodb.{clients.region}.amazonaws.com")
    arn = clients.of("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    first = int(shard["SequenceNumberRange"]["StartingSequenceNumber"])
    while True:
        place = streams.get_shard_iterator(
            StreamArn=arn,
            ShardId=shard["ShardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=str(first + seen),
        )
        page = streams.get_records(ShardIterator=place["ShardIterator"])["Records"]
        if not page:
            return
        yield from page
        seen += len(page)


@contextmanager
def requests_of(clients: Clients, *services: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The operations that are asked of these services in the block, with their parameters as the adapter gave them."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append((model.name, dict(params)))

    for service in services:
        clients.of(service).meta.events.register("provide-client-params.*", note)
    try:
        yield asked
    finally:
        for service in services:
            clients.of(service).meta.events.unregister("provide-client-params.*", note)
