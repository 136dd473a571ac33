"""Rows in two DynamoDB tables of one shape: a tenant's money in the ledger's, all else in the records' (R1 to R11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import translated
from adapters.aws.records_batch import new_version, plan_batch
from adapters.aws.records_items import Item, key_of, row_of
from adapters.aws.settings import AwsSettings
from shared.ports.clock import Clock
from shared.ports.limits import check_key, query_bounds
from shared.ports.records import Batch, Row, Version

MONEY = "|money"
DYNAMODB = "dynamodb"


class AwsRecords:
    """The `records` port: a batch of one row is one conditional request, a larger one is one transaction."""

    def __init__(self, clients: Clients, settings: AwsSettings, clock: Clock) -> None:
        self._clients, self._settings, self._clock = clients, settings, clock

    def get(self, partition: str, row: str) -> Row | None:
        """Read one row, strongly (R5, R7): one request."""
        check_key(partition, row)
        with translated(DYNAMODB, writes=False):
            found = self._dynamodb.get_item(
                TableName=self.table_of(partition), Key=key_of(partition, row), ConsistentRead=True
            )
        return row_of(found["Item"], self._now()) if "Item" in found else None

    def query(
        self, partition: str, *, prefix: str = "", start: str = "", end: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        """Rows of a partition in byte order (R6): one request a megabyte, or where expired rows stand between."""
        low, high = query_bounds(partition, prefix, start, end, limit)
        if low >= high:
            return []
        asked: Item = {"TableName": self.table_of(partition), "ConsistentRead": True}
        asked |= _range(partition, prefix, start, end)
        found: list[Row] = []
        now, more = self._now(), True
        while more and len(found) < limit:
            with translated(DYNAMODB, writes=False):
                page = self._dynamodb.query(**asked, Limit=limit - len(found))
            live = (row_of(item, now) for item in page["Items"] if item["sk"]["S"] < high)
            found += [row for row in live if row is not None]
            asked["ExclusiveStartKey"] = more = page.get("LastEvaluatedKey")
        return found

    def write(self, batch: Batch) -> dict[str, Version]:
        """Store a batch with its events (R3, R4, R9): one request, whatever its size."""
        plan = plan_batch(batch, self.table_of(batch.partition), self._now())
        with translated(DYNAMODB, writes=True):
            match plan.operations:
                case []:  # checks that hold anyway
                    pass
                case [("Put", parameters)]:
                    self._put(parameters)
                case [("Delete", parameters)]:
                    self._dynamodb.delete_item(**parameters)
                case several:
                    # Under one token the SDK's own second attempt succeeds where its first one had.
                    self._dynamodb.transact_write_items(
                        TransactItems=[{kind: parameters} for kind, parameters in several],
                        ClientRequestToken=new_version(),
                    )
        return plan.versions

    def table_of(self, partition: str) -> str:
        """The name of the table that a partition stands in."""
        return self._settings.ledger_table if partition.endswith(MONEY) else self._settings.records_table

    def _put(self, parameters: Item) -> None:
        """Put one item; where the SDK's second attempt meets what its first one stored, that is success (R8)."""
        shown = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if "ConditionExpression" in parameters else {}
        try:
            self._dynamodb.put_item(**parameters, **shown)
        except ClientError as error:
            if error.response.get("Item", {}).get("version") != parameters["Item"]["version"]:
                raise

    @property
    def _dynamodb(self) -> Any:
        return self._clients.of(DYNAMODB)

    def _now(self) -> int:
        return self._clock.now() // 1000


def _range(partition: str, prefix: str, start: str, end: str) -> Item:
    """The key condition of a query; BETWEEN includes its end, which the reader drops again."""
    wanted = {
        (True, False, False): "begins_with(sk, :prefix)",
        (False, True, True): "sk BETWEEN :start AND :end",
        (False, True, False): "sk >= :start",
        (False, False, True): "sk < :end",
    }.get((bool(prefix), bool(start), bool(end)))
    bounds = {":prefix": prefix, ":start": start, ":end": end}
    return {
        "KeyConditionExpression": f"pk = :pk AND {wanted}" if wanted else "pk = :pk",
        "ExpressionAttributeValues": {
            ":pk": {"S": partition},
            **{name: {"S": bound} for name, bound in bounds.items() if bound},
        },
    }
