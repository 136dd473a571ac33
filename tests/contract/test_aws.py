"""The AWS store keeps the promises of its ports on moto; the moving parts stand in test_aws_moving.py.

Where moto does otherwise than AWS the suite still holds, and tests/aws_adapters asserts the request instead: it knows
no ClientRequestToken (two sends of one transaction are two), never answers TransactionConflict, keeps expired items in
sight, and removes nothing by TTL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import settings

from adapters.aws.clock import AwsClock
from adapters.aws.documents import AwsDocuments
from adapters.aws.ids import AwsIds
from adapters.aws.records import AwsRecords
from adapters.aws.records_stream import events_of
from adapters.aws.secrets import AwsSecrets
from shared.ports.clock import Clock
from shared.ports.records import Event
from tests.contract.aws_backend import Cloud, any_cloud, stream_of
from tests.contract.clock_and_ids import ClockContract, IdsContract
from tests.contract.documents import DocumentsContract
from tests.contract.records import RecordsContract
from tests.contract.records_limits import RecordsLimitsContract
from tests.contract.records_model import MODEL_SETTINGS, RecordsModelContract
from tests.contract.secrets import SecretsContract


@dataclass(frozen=True, slots=True)
class StorePorts:
    """The ports of one mocked account, as far as these contracts know them."""

    cloud: Cloud
    records: AwsRecords
    documents: AwsDocuments
    secrets: AwsSecrets
    clock: AwsClock
    ids: AwsIds
    told: Counter[str] = field(default_factory=Counter)  # table -> records of its stream that were told


def open_ports(cloud: Cloud) -> StorePorts:
    clock = AwsClock()
    taken = (cloud.clients, cloud.settings)
    return StorePorts(cloud, AwsRecords(*taken, clock), AwsDocuments(*taken), AwsSecrets(*taken), clock, AwsIds())


class OnAws:
    """Supplies the ports of a fresh account."""

    @pytest.fixture(scope="class")
    @classmethod
    def provider(cls) -> Iterator[StorePorts]:
        with any_cloud() as cloud:
            yield open_ports(cloud)


class TestRecords(OnAws, RecordsContract, RecordsLimitsContract, RecordsModelContract):
    """R1 to R11."""

    model_settings = settings(MODEL_SETTINGS, max_examples=8)  # moto takes 2 ms a request

    def relay(self, provider: StorePorts, tell: Callable[[Sequence[Event]], None]) -> None:
        for table in (provider.cloud.settings.records_table, provider.cloud.settings.ledger_table):
            for record in stream_of(provider.cloud.clients, table, provider.told[table]):
                if events := events_of(record):
                    tell(events)
                provider.told[table] += 1


class TestDocuments(OnAws, DocumentsContract):
    """D1 to D6."""


class TestSecrets(OnAws, SecretsContract):
    """S1 to S4."""


class TestSmallPorts(OnAws, ClockContract, IdsContract):
    """K1 to K3 and I1."""

    def another_clock(self, provider: StorePorts) -> Clock:
        return AwsClock()
