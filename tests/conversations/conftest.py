"""A real store and a real vault in a fresh data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.records import LocalRecords
from adapters.local.secrets import LocalSecrets
from adapters.local.store import open_store
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import Vault


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = open_store(tmp_path / "data")
    yield LocalRecords(store, SystemClock())
    store.close()


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return LocalSecrets(tmp_path / "secrets", LocalIds())


@pytest.fixture
def vault(records: Records, secrets: Secrets) -> Vault:
    return Vault(records, secrets, SystemClock())
