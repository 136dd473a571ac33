"""Time. K1 `now` is epoch milliseconds UTC and may jump. K2 `monotonic` is seconds and never goes back."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The only source of time; promises K1 and K2 above."""

    def now(self) -> int:
        """Epoch milliseconds, UTC (K1)."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin (K2)."""
        ...
