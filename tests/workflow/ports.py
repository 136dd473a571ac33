"""A clock and ids that a test holds in its hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count


@dataclass
class HandClock:
    """Time that moves only when told."""

    milliseconds: int = 1_700_000_000_000

    def now(self) -> int:
        return self.milliseconds

    def monotonic(self) -> float:
        return self.milliseconds / 1000

    def skew(self) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        self.milliseconds += round(seconds * 1000)


@dataclass
class CountedIds:
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers)}"
