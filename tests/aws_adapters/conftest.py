"""A mocked account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.aws.clients import Clients
from adapters.aws.provider import AwsProvider, open_provider
from tests.contract.aws_backend import REGION, any_cloud


@pytest.fixture(scope="package")
def clients() -> Clients:
    return Clients(REGION)


@pytest.fixture
def provider(clients: Clients) -> Iterator[AwsProvider]:
    with any_cloud(clients=clients) as cloud:
        yield open_provider(cloud.settings, clients=cloud.clients)
