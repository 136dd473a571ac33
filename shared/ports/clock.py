"""Time. K1 `now` is epoch milliseconds UTC and may jump. K2 `monotonic` is seconds and never goes back.
K3 `skew` is the most that two workers' clocks differ, in milliseconds; 0 where there is only one machine.
"""

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

    def skew(self) -> int:
        """Milliseconds by which another worker's clock may differ (K3)."""
        ...
