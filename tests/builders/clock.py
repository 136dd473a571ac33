"""A clock that stands still until a test moves it."""

from __future__ import annotations

from adapters.local.clock import ShiftedClock


class FixedClock:
    """Always the same instant, in epoch milliseconds."""

    def __init__(self, at: int, skew: int = 0) -> None:
        self._at, self._skew = at, skew

    def now(self) -> int:
        return self._at

    def monotonic(self) -> float:
        return self._at / 1000

    def skew(self) -> int:
        return self._skew


def any_clock(at: int, *, skew: int = 0) -> ShiftedClock:
    """A clock that stands at `at` (epoch ms) and only ever goes where `advance` sends it."""
    return ShiftedClock(FixedClock(at, skew))
