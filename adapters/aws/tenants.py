"""The directory of tenants in a global table: one partition, a row a tenant, no condition on any write (T1 to T7).

It is small and read often, so `at_home` is one query a megabyte, and what `home` has read is good for five seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.errors import translated
from adapters.aws.settings import AwsSettings
from shared.ports.clock import Clock
from shared.ports.tenants import MAX_AGE_MS, Home, check_region, check_tenant, nobody_added

DYNAMODB = "dynamodb"
PARTITION = "TENANTS"


class AwsTenants:
    """The `tenants` port; adding and moving take an administrator's own rights, which no function has."""

    def __init__(self, clients: Clients, settings: AwsSettings, clock: Clock) -> None:
        self._clients, self._table, self._clock = clients, settings.directory_table, clock
        self._here = settings.region
        self._known: dict[str, tuple[int, Home]] = {}

    @property
    def here(self) -> str:
        """The region of this process (T7)."""
        return self._here

    def home(self, tenant: str) -> Home:
        """Where a tenant is at home: at most one request in five seconds (T4)."""
        check_tenant(tenant)
        now = self._clock.now()
        read_at, known = self._known.get(tenant, (0, None))
        if known is not None and 0 <= now - read_at < MAX_AGE_MS:
            return known
        found = self._read(tenant, strongly=False)
        if found is None:
            raise nobody_added(tenant)
        return self._remember(found, now)

    def at_home(self, region: str) -> Sequence[Home]:
        """The tenants of a region (T5)."""
        check_region(region)
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :tenants",
            "ExpressionAttributeValues": {":tenants": {"S": PARTITION}},
        }
        found: list[Home] = []
        while True:
            with translated(DYNAMODB, writes=False):
                page = self._dynamodb.query(**asked)
            found += [home for item in page["Items"] if (home := _home_of(item)).region == region]
            if "LastEvaluatedKey" not in page:
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def add(self, tenant: str, region: str) -> Home:
        """Enter a tenant, unless it is entered as far as this region knows (T1)."""
        check_tenant(tenant)
        check_region(region)
        return self._read(tenant, strongly=True) or self._write(Home(tenant, region))

    def move(self, tenant: str, region: str) -> Home:
        """Name the next home (T3), after the last one that this region knows of."""
        check_tenant(tenant)
        check_region(region)
        home = self._read(tenant, strongly=True)
        if home is None:
            raise nobody_added(tenant)
        return self._write(replace(home, region=region, epoch=home.epoch + 1, since=self._clock.now()))

    def _read(self, tenant: str, *, strongly: bool) -> Home | None:
        with translated(DYNAMODB, writes=False):
            found = self._dynamodb.get_item(TableName=self._table, Key=_key_of(tenant), ConsistentRead=strongly)
        return _home_of(found["Item"]) if "Item" in found else None

    def _write(self, home: Home) -> Home:
        item = _key_of(home.tenant) | {
            "region": {"S": home.region},
            "epoch": {"N": str(home.epoch)},
            "since": {"N": str(home.since)},
        }
        with translated(DYNAMODB, writes=True):
            self._dynamodb.put_item(TableName=self._table, Item=item)
        return self._remember(home, self._clock.now())

    def _remember(self, home: Home, now: int) -> Home:
        self._known[home.tenant] = (now, home)
        return home

    @property
    def _dynamodb(self) -> Any:
        return self._clients.of(DYNAMODB)


def _key_of(tenant: str) -> dict[str, Any]:
    return {"pk": {"S": PARTITION}, "sk": {"S": tenant}}


def _home_of(item: dict[str, Any]) -> Home:
    return Home(item["sk"]["S"], item["region"]["S"], int(item["epoch"]["N"]), int(item["since"]["N"]))
