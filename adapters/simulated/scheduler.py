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
    """One piece of work; `short` work never waits, so it needs no greenlet of its own."""

    name: str
    run: Callable[[], Any]
    short: bool = False
    greenlet: Any = None
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
        self._chosen: Task | None = None

    def spawn(self, name: str, run: Callable[[], Any], *, after_ms: int = 0) -> Task:
        """Let `run` happen on its own, not before `after_ms` from now."""
        return self._put_off(Task(name, run), after_ms)

    def remind(self, name: str, run: Callable[[], Any], *, after_ms: int = 0) -> Task:
        """The same for what calls no port and never waits."""
        return self._put_off(Task(name, run, short=True), after_ms)

    def run(self, until: int) -> None:
        """Resume tasks until none is left before the moment `until`."""
        while self._chosen or self._ready or (self._later and self._later[0][0] <= until):
            if not self._ready and not self._chosen:
                self.now = max(self.now, self._later[0][0])
            chosen, self._chosen = self._chosen or self._next(), None
            self._resume(chosen)
        self.now = max(self.now, until)

    def close(self) -> None:
        """End whatever still waits, so that nothing of this world runs on in the next."""
        self._ready += [task for _, _, task in self._later]
        self._later = []
        for task in self._ready:
            if task.greenlet:
                task.greenlet.throw(Crash)

    def pause(self) -> None:
        """Let others go first, where any are ready."""
        self.now += STEP_MS
        if self._ready or (self._later and self._later[0][0] <= self.now):
            task = self._task()
            self._ready.append(task)
            chosen = self._next()
            if chosen is not task:
                self._chosen = chosen
                self._main.switch()

    def sleep(self, milliseconds: int) -> None:
        """Stand still for a while; others go on."""
        self._put_off(self._task(), milliseconds)
        self._main.switch()

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.now} {line}")

    def _next(self) -> Task:
        """One of those that are ready now, in no order that a handler could count on."""
        while self._later and self._later[0][0] <= self.now:
            self._ready.append(heapq.heappop(self._later)[2])
        count = len(self._ready)
        return self._ready.pop(int(self.random.random() * count) if count > 1 else 0)

    def _task(self) -> Task:
        if self.current is None:
            raise RuntimeError("only a task can wait")
        return self.current

    def _put_off(self, task: Task, milliseconds: int) -> Task:
        self._count += 1
        heapq.heappush(self._later, (self.now + max(0, milliseconds), self._count, task))
        return task

    def _resume(self, task: Task) -> None:
        if task.short:
            self._finish(task)
            return
        self.current = task
        if task.greenlet is None:
            task.greenlet = greenlet.greenlet(self._finish, parent=self._main)
            task.greenlet.switch(task)
        else:
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
