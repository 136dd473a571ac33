"""Lambda's clock (K1 to K3)."""

from __future__ import annotations

import time

SKEW = 1_000  # Amazon's time service keeps hosts within a few milliseconds; a resumed sandbox may be late to follow
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class AwsClock:
    """The host's time; its steady seconds count on while a sandbox is frozen, so that `send_by` is not missed."""

    def now(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.clock_gettime(_STEADY)

    def skew(self) -> int:
        """Milliseconds, generously."""
        return SKEW
