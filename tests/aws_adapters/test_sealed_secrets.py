"""Sealed secrets keep the contract on moto, cost one secret in all, and tell a copy of the table nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.aws.clock import AwsClock
from adapters.aws.provider import AwsProvider, open_provider
from adapters.aws.recording import Bill, at_work, recorded
from adapters.aws.sealed_secrets import ROOT, SealedSecrets, partition_of
from shared.errors import Misconfigured, NotFound
from shared.ports.secrets import Secrets
from tests.aws_adapters.any_secrets import secrets_manager
from tests.contract.aws_backend import any_cloud
from tests.contract.secrets import SecretsContract


@dataclass(frozen=True)
class Sealing:
    """A provider's records and Secrets Manager, and the secrets over them."""

    provider: AwsProvider
    bill: Bill

    @property
    def secrets(self) -> Secrets:
        return SealedSecrets(self.provider.records, secrets_manager(self.provider), AwsClock())


@pytest.fixture
def provider() -> Iterator[Sealing]:
    with recorded(Bill()) as bill, any_cloud() as cloud:
        yield Sealing(open_provider(cloud.settings, clients=cloud.clients), bill)


class TestSealedSecrets(SecretsContract):
    """S1 to S4."""


def test_a_thousand_tenants_have_one_secret_that_costs_by_the_month(provider: Sealing) -> None:
    for number in range(5):
        provider.secrets.create(f"tenant-key-{number}", b"key")
    kept = provider.provider.clients.of("secretsmanager").list_secrets()["SecretList"]
    assert [each["Name"].rpartition("/")[2] for each in kept] == [ROOT]


def test_a_process_reads_the_root_once_and_then_one_row_a_secret(provider: Sealing) -> None:
    provider.secrets.put("pepper", b"one")
    fresh = provider.secrets
    with at_work("f"):
        for _ in range(10):
            fresh.get("pepper")
    assert provider.bill.requests("Secrets Manager.") <= 2
    assert provider.bill.count("dynamodb.read_unit") == 10


def test_the_row_tells_neither_the_name_nor_the_value(provider: Sealing) -> None:
    provider.secrets.put("tenant-key-acme", b"hunter2")
    row = provider.provider.records.get(partition_of("tenant-key-acme"), "SECRET")
    assert row is not None
    assert "acme" not in str(row)
    assert "hunter2" not in str(row)


def test_a_row_moved_to_another_name_does_not_open(provider: Sealing) -> None:
    provider.secrets.put("one", b"hunter2")
    sealing = SealedSecrets(provider.provider.records, secrets_manager(provider.provider), AwsClock())
    row = provider.provider.records.get(partition_of("one"), "SECRET")
    assert row is not None
    with pytest.raises(Misconfigured):
        sealing._open("two", row.body["versions"][0])


def test_a_rotated_root_opens_what_older_ones_have_sealed_and_seals_it_anew(provider: Sealing) -> None:
    provider.secrets.put("pepper", b"one")
    for digit in (b"1", b"2", b"3"):
        secrets_manager(provider.provider).put(ROOT, digit * 64)
        assert list(provider.secrets.get("pepper")) == [b"one"]
    provider.secrets.put("pepper", b"two")
    assert list(provider.secrets.get("pepper")) == [b"two", b"one"]


def test_what_an_operator_typed_in_is_read_where_they_typed_it(provider: Sealing) -> None:
    with pytest.raises(NotFound):
        provider.secrets.get("business-gateway")
    secrets_manager(provider.provider).put("business-gateway", b"typed")
    assert list(provider.secrets.get("business-gateway")) == [b"typed"]
