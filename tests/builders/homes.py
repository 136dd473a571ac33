"""Directories of tenants for tests."""

from __future__ import annotations

from pathlib import Path

from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.tenants import LocalTenants

NOBODY_ENTERED = Path("nobody-was-ever-entered-here")
ALWAYS_HOME = LocalTenants(NOBODY_ENTERED, SystemClock(), LocalIds())  # the single machine: everybody's home, epoch 1
