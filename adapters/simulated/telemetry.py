"""What the platform says about itself, kept in memory (L1, L2)."""

from __future__ import annotations

from typing import Any

from shared.ports.telemetry import withhold

MOST_TOLD = 1_000


class SimulatedTelemetry:
    """The `telemetry` port; `told` is what was said, newest last, as far as it is kept."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        self._tell({"fact": name} | {field: withhold(value) for field, value in fields.items()})

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        clean = {field: withhold(dimension) for field, dimension in dimensions.items()}
        self._tell({"count": name, "value": value} | clean)

    def _tell(self, line: dict[str, Any]) -> None:
        if len(self.told) < MOST_TOLD:
            self.told.append(line)
