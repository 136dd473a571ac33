"""Time that a test holds in its hand: what waits goes on when it is woken, or when the test lets its time pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from math import inf

LONGEST_SECONDS = 30  # of real time, until a machine that never comes to rest is called stuck


@dataclass(eq=False, slots=True)
class _Wait:
    event: HandEvent
    due: float


@dataclass(eq=False)
class HandTime:
    """Seconds since it began; how many machines run; the pauses that they made, in the order in which they began."""

    passed: float = 0.0
    running: int = 0
    pauses: list[float] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    _waits: list[_Wait] = field(default_factory=list)
    _over: bool = False

    def began(self) -> None:
        """A machine runs."""
        with self.changed:
            self.running += 1

    def ended(self) -> None:
        """A machine has come to its end."""
        with self.changed:
            self.running -= 1
            self.changed.notify_all()

    def pause(self, seconds: float) -> None:
        """A pause between two attempts: noted, and over at once."""
        self.pauses.append(seconds)

    def sleep(self, seconds: float) -> None:
        """Rest until the test has let so much time pass."""
        self.pauses.append(seconds)
        HandEvent(self, rests=True).wait(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass: what was waited for until then is given up."""
        with self.changed:
            self.passed += seconds
            self._wake([wait for wait in self._waits if wait.due <= self.passed])

    def advance_to_next(self) -> bool:
        """Let just so much time pass that a wait ends at which a machine rests; False where none rests."""
        with self.changed:
            due = min((wait.due for wait in self._waits if wait.event.rests), default=None)
        if due is not None:
            self.advance(due - self.passed)
        return due is not None

    def settle(self) -> None:
        """Return when every machine has ended or rests; raises TimeoutError where one does neither."""
        with self.changed:
            if not self.changed.wait_for(self._at_rest, LONGEST_SECONDS):
                raise TimeoutError(f"{self.running} machines run and come to no rest")

    def release(self) -> None:
        """End every wait there is, as if its time were over; returns when machines that were stopped have ended."""
        with self.changed:
            self._wake(list(self._waits))
        self.settle()

    def finish(self) -> None:
        """End every wait there is and ever will be; returns when no machine runs any more."""
        with self.changed:
            self._over = True
            self._wake(list(self._waits))
            self.changed.wait_for(lambda: self.running == 0, LONGEST_SECONDS)

    def wait(self, event: HandEvent, seconds: float) -> None:
        """Wait for an event, at most so long after it was made; called by it."""
        wait = _Wait(event, event.made + seconds)
        with self.changed:
            self._waits.append(wait)
            self._wake([wait] if wait.due <= self.passed or event.over or self._over else [])
            self.changed.wait_for(lambda: event.over)

    def wake(self, event: HandEvent) -> None:
        """An event was set: end the waits for it; called by it."""
        with self.changed:
            event.set_at = self.passed
            event.over = True
            self._wake([wait for wait in self._waits if wait.event is event])

    def _wake(self, waits: list[_Wait]) -> None:
        for wait in waits:
            wait.event.over = True
            self._waits.remove(wait)
        self.changed.notify_all()

    def _at_rest(self) -> bool:
        return self.running == sum(wait.event.rests for wait in self._waits)


class HandEvent:
    """A threading.Event whose time passes by hand: over when it was set or given up. At `rests`, a machine rests.

    Its time begins when it is made, because the thread that waits may come later than the one that lets time pass.
    """

    def __init__(self, time: HandTime, *, rests: bool = False) -> None:
        self.rests, self.over, self.made, self.set_at, self._time = rests, False, time.passed, inf, time

    def set(self) -> None:
        """Let whoever waits go on; too late where it was given up."""
        self._time.wake(self)

    def is_set(self) -> bool:
        """Whether it was set, or given up."""
        return self.over

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, True, or its time has passed, False."""
        seconds = inf if timeout is None else timeout
        self._time.wait(self, seconds)
        return self.set_at < self.made + seconds
