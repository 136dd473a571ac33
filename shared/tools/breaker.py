"""A circuit breaker a system: after 5 failures in a row calls stop for 30 s, then one probe decides.

Its state is one row, so every worker sees an open circuit; what is known closed is not read again for a second.
"""

from __future__ import annotations

from typing import Any

from shared.conversations.keys import view_partition
from shared.ports.clock import Clock
from shared.ports.records import ANY, Batch, Put, Records

FAILURES_TO_OPEN = 5
OPEN_MS = 30_000
TRUST_CLOSED_MS = 1_000


class Breaker:
    """Says whether a system may be called; a stale view costs one failed call, never a wrong answer."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._closed_until: dict[tuple[str, str], int] = {}

    def allows(self, tenant: str, system: str) -> bool:
        """Whether to call now: closed, or half-open with this call as the probe."""
        now = self._clock.now()
        if self._closed_until.get((tenant, system), 0) > now:
            return True
        state = self._read(tenant, system)
        if state["failures"] < FAILURES_TO_OPEN:
            self._closed_until[tenant, system] = now + TRUST_CLOSED_MS
            return True
        if now < state["until"]:
            return False
        self._write(tenant, system, state | {"until": now + OPEN_MS})
        return True

    def failed(self, tenant: str, system: str) -> None:
        """Count a failure; the fifth in a row opens the circuit."""
        self._closed_until.pop((tenant, system), None)
        state = self._read(tenant, system)
        failures = state["failures"] + 1
        self._write(tenant, system, {"failures": failures, "until": self._clock.now() + OPEN_MS})

    def succeeded(self, tenant: str, system: str) -> None:
        """Close the circuit where it was not."""
        if (tenant, system) in self._closed_until:
            return
        if self._read(tenant, system)["failures"]:
            self._write(tenant, system, {"failures": 0, "until": 0})

    def is_open(self, tenant: str, system: str) -> bool:
        state = self._read(tenant, system)
        return bool(state["failures"] >= FAILURES_TO_OPEN and self._clock.now() < state["until"])

    def _read(self, tenant: str, system: str) -> dict[str, Any]:
        row = self._records.get(view_partition(tenant, "circuits"), system)
        return row.body if row else {"failures": 0, "until": 0}

    def _write(self, tenant: str, system: str, state: dict[str, Any]) -> None:
        self._records.write(Batch(view_partition(tenant, "circuits"), (Put(system, state, ANY),)))
