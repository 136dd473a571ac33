"""The machine's clock, and one that a demo can push forward (K1 to K3)."""

from __future__ import annotations

import time

from shared.ports.clock import Clock


class SystemClock:
    """What the machine says."""

    def now(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def skew(self) -> int:
        """0 ms: every worker of a data folder reads this one clock."""
        return 0


class ShiftedClock:
    """Another clock, `offset` seconds ahead, so that a demo need not wait for a deadline."""

    def __init__(self, base: Clock, offset: int = 0) -> None:
        self._base, self._offset = base, offset

    def now(self) -> int:
        """Epoch milliseconds of the base clock, shifted."""
        return self._base.now() + self._offset * 1000

    def monotonic(self) -> float:
        """Seconds of the base clock and of every step forward since."""
        return self._base.monotonic() + self._offset

    def skew(self) -> int:
        """Milliseconds, as the base clock says."""
        return self._base.skew()

    def advance(self, seconds: int) -> None:
        """Step forward; a clock is never turned back here, so `monotonic` keeps its promise."""
        self._offset += max(seconds, 0)
