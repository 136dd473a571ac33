"""The deployments that most tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stacks.templates import FULL, Assembly, synthesise

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first writes the templates, on a machine that others may keep busy."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture
def dev() -> Assembly:
    """One region of dev, nothing switched on."""
    return synthesise()


@pytest.fixture
def full() -> Assembly:
    """Three regions of prod, everything switched on."""
    return synthesise(**FULL)


@pytest.fixture
def other() -> Assembly:
    """One region of dev whose turns are Express and whose operators sign in elsewhere."""
    return synthesise(turns="express", issuer="https://id.example.com", audience="desk,phone", nag="false")


@pytest.fixture(params=["dev", "full"])
def either(request: pytest.FixtureRequest) -> Assembly:
    """Both, one after the other."""
    return synthesise() if request.param == "dev" else synthesise(**FULL)
