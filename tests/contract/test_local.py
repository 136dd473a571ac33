"""The local provider keeps every promise of the ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from tests.contract.records import RecordsContract
from tests.contract.records_limits import RecordsLimitsContract
from tests.contract.records_model import RecordsModelContract


@dataclass(frozen=True, slots=True)
class LocalPorts:
    records: LocalRecords


class OnThisMachine:
    """Supplies the ports of a fresh data folder."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[LocalPorts]:
        store = open_store(tmp_path / "data")
        yield LocalPorts(LocalRecords(store, SystemClock()))
        store.close()


class TestRecords(OnThisMachine, RecordsContract, RecordsLimitsContract, RecordsModelContract):
    """R1 to R11."""
