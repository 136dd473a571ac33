"""The clock of one simulated process: virtual time, wrong by as much as its world allows (K1 to K3)."""

from __future__ import annotations

from adapters.simulated.scheduler import Scheduler

SKEW_MS = 2_000  # what two workers may differ by; a process's own error is at most half of it
WIDE_SKEW_MS = 600_000  # the same where the machines' clocks are badly kept


class SimulatedClock:
    """The `clock` port; `error` is how many milliseconds this process is wrong by, `stood` how long it was frozen
    without its monotonic clock noticing, as a machine is that was restored from a snapshot.
    """

    def __init__(self, scheduler: Scheduler, error: int = 0, *, skew: int = SKEW_MS) -> None:
        self._scheduler, self._skew = scheduler, skew
        self.error, self.stood = error, 0

    def now(self) -> int:
        return self._scheduler.now + self.error

    def monotonic(self) -> float:
        return (self._scheduler.now - self.stood) / 1000

    def skew(self) -> int:
        return self._skew
