"""A mocked account for each test, and readable assertions in the shared builders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.aws.provider import AwsProvider, open_provider
from tests.contract.aws_backend import any_cloud


@pytest.fixture
def provider() -> Iterator[AwsProvider]:
    with any_cloud() as cloud:
        yield open_provider(cloud.settings, clients=cloud.clients)
