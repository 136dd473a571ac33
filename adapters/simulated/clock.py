"""The clock of one simulated process: virtual time, wrong by as much as its world allows (K1 to K3)."""

from __future__ import annotations

from adapters.simulated.scheduler import Scheduler

SKEW_MS = 2_000  # what two workers may differ by; a process's own error is at most half of it


class SimulatedClock:
    """The `clock` port; `error` is how many milliseconds this process is wrong by."""

    def __init__(self, scheduler: Scheduler, error: int = 0) -> None:
        self._scheduler, self.error = scheduler, error

    def now(self) -> int:
        return self._scheduler.now + self.error

    def monotonic(self) -> float:
        return self._scheduler.now / 1000

    def skew(self) -> int:
        return SKEW_MS
