"""The AWS directory keeps T1 to T7 on moto, which knows no global tables: two regions are two readers of one table.

What a replicated table allows is asserted on the requests: no condition, no transaction, no strong read on the way of a
turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from adapters.aws.clock import AwsClock
from adapters.aws.tenants import AwsTenants
from adapters.local.clock import ShiftedClock
from shared.ports.tenants import MAX_AGE_MS, Home
from tests.contract.aws_backend import REGION, Cloud, any_cloud, requests_of
from tests.contract.tenants import TenantsContract


@dataclass(frozen=True, slots=True)
class DirectoryPorts:
    """The ports of one mocked account, as far as this contract knows them."""

    cloud: Cloud
    clock: ShiftedClock
    tenants: AwsTenants


@pytest.fixture
def provider() -> Iterator[DirectoryPorts]:
    with any_cloud() as cloud:
        clock = ShiftedClock(AwsClock())
        yield DirectoryPorts(cloud, clock, AwsTenants(cloud.clients, cloud.settings, clock))


def reader_in(provider: DirectoryPorts, region: str) -> AwsTenants:
    """The directory in another process, with nothing remembered."""
    return AwsTenants(provider.cloud.clients, replace(provider.cloud.settings, region=region), provider.clock)


class TestTenants(TenantsContract):
    """T1 to T7."""

    def elsewhere(self, provider: DirectoryPorts) -> AwsTenants:
        return reader_in(provider, "us-east-1")

    def wait(self, provider: DirectoryPorts, seconds: int) -> None:
        provider.clock.advance(seconds)


def test_what_was_read_is_good_for_five_seconds(provider: DirectoryPorts) -> None:
    provider.tenants.add("acme", REGION)
    reader = reader_in(provider, REGION)
    with requests_of(provider.cloud.clients, "dynamodb") as asked:
        for _ in range(3):
            assert reader.home("acme") == Home("acme", REGION, 1)
        assert len(asked) == 1
        provider.clock.advance(MAX_AGE_MS // 1000)
        reader.home("acme")
        assert len(asked) == 2


def test_no_condition_and_no_transaction_is_asked_of_the_global_table(provider: DirectoryPorts) -> None:
    with requests_of(provider.cloud.clients, "dynamodb") as asked:
        provider.tenants.add("acme", REGION)
        provider.tenants.move("acme", "us-east-1")
        reader_in(provider, "us-east-1").home("acme")
        provider.tenants.at_home(REGION)
    assert {name for name, _ in asked} == {"GetItem", "PutItem", "Query"}
    assert [name for name, parameters in asked if "ConditionExpression" in parameters] == []


def test_a_turn_asks_only_what_a_replica_answers_cheaply(provider: DirectoryPorts) -> None:
    provider.tenants.add("acme", REGION)
    with requests_of(provider.cloud.clients, "dynamodb") as asked:
        reader_in(provider, REGION).home("acme")
    assert [(name, parameters["ConsistentRead"]) for name, parameters in asked] == [("GetItem", False)]
