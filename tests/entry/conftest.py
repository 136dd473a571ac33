"""An account in memory with what the samples need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.aws.rehearsal import Account, open_account
from adapters.local.seeding import articles_of
from tests.builders.clock import any_clock
from tests.entry.stories import MONDAY, TENANT, furnish


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Account]:
    """Keys and secrets, but no article."""
    with open_account(tmp_path, any_clock(MONDAY), TENANT) as opened:
        furnish(opened.provider)
        yield opened


@pytest.fixture
def account(bare: Account) -> Account:
    bare.open("knowledge.publish").answer({"tenant": TENANT, "articles": articles_of()}, None)
    return bare
