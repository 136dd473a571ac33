"""A deployed stage for each module of flows, and a tenant of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws.support import Deployment, House, open_deployment


@pytest.fixture(scope="module")
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """By the context that the module names: dev, or prod with everything switched on."""
    with open_deployment(**request.module.CONTEXT) as opened:
        yield opened
        assert opened.cloud.watch.asked > 0


@pytest.fixture
def house(deployment: Deployment, tmp_path: Path) -> Iterator[House]:
    with deployment.new_tenant(tmp_path) as opened:
        yield opened
    assert deployment.cloud.watch.denied == set()
