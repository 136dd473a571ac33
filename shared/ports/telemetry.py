"""What the platform says about itself. L1 A fact never carries customer text or personal data. L2 It never raises."""

from __future__ import annotations

from typing import Protocol


class Telemetry(Protocol):
    """Structured facts and counts; promises L1 and L2 above."""

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        """Note that something happened."""
        ...

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add to a metric."""
        ...
