"""What the platform says about itself, kept in memory (L1, L2)."""

from __future__ import annotations

import re
from typing import Any

_CODE = re.compile(r"[!-?A-~]{0,128}")
MOST_TOLD = 1_000


class SimulatedTelemetry:
    """The `telemetry` port; `told` is what was said, newest last, as far as it is kept."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        self._tell({"fact": name} | {field: _withhold(value) for field, value in fields.items()})

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        clean = {field: _withhold(dimension) for field, dimension in dimensions.items()}
        self._tell({"count": name, "value": value} | clean)

    def _tell(self, line: dict[str, Any]) -> None:
        if len(self.told) < MOST_TOLD:
            self.told.append(line)


def _withhold(value: str | int | bool | None) -> str | int | bool | None:
    """Codes, ids and numbers pass; anything with a space or an @ may be a customer's words or address."""
    if isinstance(value, str) and not _CODE.fullmatch(value):
        return f"withheld:{len(value)}"
    return value
