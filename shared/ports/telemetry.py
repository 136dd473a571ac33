"""What the platform says about itself. L1 A fact never carries customer text or personal data. L2 It never raises."""

from __future__ import annotations

import re
from typing import Protocol

Value = str | int | bool | None

_CODE = re.compile(r"[!-?A-~]{0,128}")


class Telemetry(Protocol):
    """Structured facts and counts; promises L1 and L2 above."""

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        """Note that something happened."""
        ...

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add to a metric."""
        ...


def withhold(value: object) -> Value:
    """A value as it may be told: codes, ids and numbers pass; what has a space or an @ may be a customer's (L1)."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    return f"withheld:{len(value) if isinstance(value, str) else type(value).__name__}"
