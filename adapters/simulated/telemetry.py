"""What the platform says about itself, counted in memory (L1, L2)."""

from __future__ import annotations

from collections import Counter


class SimulatedTelemetry:
    """The `telemetry` port."""

    def __init__(self) -> None:
        self.facts: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        self.facts[name] += 1

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        self.counts[name] += value
