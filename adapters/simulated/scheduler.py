"""Virtual time and one thread: tasks are greenlets, suspended around every port call and resumed by a seeded choice."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import greenlet

STEP_MS = 3  # how far time moves with each port call, so that two of them never fall on one moment


class Crash(BaseException):
    """The process that a task runs in is gone; nothing that catches errors catches this."""


@dataclass(slots=True)
class Task:
    """One piece of work on one process; `crash` makes its next resumption its last."""

    name: str
    run: Callable[[], Any]
    greenlet: Any = None
    crash: bool = False
    after: list[Callable[[BaseException | None], None]] = field(default_factory=list)


class Scheduler:
    """Runs tasks one at a time; `now` is epoch milliseconds. The same seed resumes them in the same order."""

    def __init__(self, seed: int, now: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation wants to be repeated
        self.now = now
        self.trace: list[str] = []
        self.current: Task | None = None
        self._main = greenlet.getcurrent()
        self._ready: list[Task] = []
        self._later: list[tuple[int, int, Task]] = []
        self._count = 0

    def spawn(self, name: str, run: Callable[[], Any], *, after_ms: int = 0) -> Task:
        """Let `run` happen on its own, not before `after_ms` from now."""
        task = Task(name, run)
        self._wait(task, after_ms)
        return task

    def run(self, until: int) -> None:
        """Resume tasks until none is left before the moment `until`."""
        while self._ready or (self._later and self._later[0][0] <= until):
            while self._later and (not self._ready or self._later[0][0] <= self.now):
                at, _, task = heapq.heappop(self._later)
                if at > until and not self._ready:
                    heapq.heappush(self._later, (at, 0, task))
                    return
                self.now = max(self.now, at)
                self._ready.append(task)
            self._resume(self._ready.pop(self._pick(len(self._ready))))
        self.now = max(self.now, until)

    def pause(self) -> None:
        """Let others go first; raises Crash where the process died meanwhile."""
        self.now += STEP_MS
        task = self._task()
        if self._ready or (self._later and self._later[0][0] <= self.now):
            self._ready.append(task)
            self._main.switch()
        if task.crash:
            raise Crash

    def sleep(self, milliseconds: int) -> None:
        """Stand still for a while; others go on."""
        task = self._task()
        self._wait(task, milliseconds)
        self._main.switch()
        if task.crash:
            raise Crash

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.now} {line}")

    def _pick(self, count: int) -> int:
        return self.random.randrange(count) if count > 1 else 0

    def _task(self) -> Task:
        if self.current is None:
            raise RuntimeError("only a task can wait")
        return self.current

    def _wait(self, task: Task, milliseconds: int) -> None:
        self._count += 1
        heapq.heappush(self._later, (self.now + max(0, milliseconds), self._count, task))

    def _resume(self, task: Task) -> None:
        self.current = task
        if task.greenlet is None:
            task.greenlet = greenlet.greenlet(lambda: self._finish(task), parent=self._main)
        task.greenlet.switch()
        self.current = None

    def _finish(self, task: Task) -> None:
        """Run a task to its end; what it raised is told to those who wait for it, and to nobody else."""
        error: BaseException | None = None
        try:
            task.run()
        except (Exception, Crash) as raised:  # noqa: BLE001 - whoever started the task judges it
            error = raised
        for tell in task.after:
            tell(error)
