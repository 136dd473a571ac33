"""Executions in memory: the core makes each step at once, tasks run as work of their own (W1 to W4)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.simulated.scheduler import Crash, Scheduler
from shared.workflow.definitions import load_definition
from shared.workflow.exchange import (
    Command,
    Event,
    RunTask,
    SetTimer,
    Started,
    TaskFailed,
    TaskSucceeded,
    TaskTimedOut,
    TimerFired,
)
from shared.workflow.frames import Definition, State
from shared.workflow.machine import awaits, status, step

Invoke = Callable[[str, Any], Any]
LOST_AFTER_MS = 150


@dataclass(slots=True)
class Execution:
    """One run of a machine; `tokens` are the entries that somebody outside may answer."""

    machine: str
    name: str
    seed: str
    state: State = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    lost: bool = False


class SimulatedWorkflows:
    """The `workflows` port; `invoke` runs a task's handler on some process and raises what it raises."""

    def __init__(
        self,
        scheduler: Scheduler,
        invoke: Invoke,
        *,
        definition_of: Callable[[str], Definition] = load_definition,
        strike: Callable[[], str] = str,
    ) -> None:
        self._scheduler, self._invoke, self._definition_of, self._strike = scheduler, invoke, definition_of, strike
        self._runs: dict[str, Execution] = {}
        self._names: dict[tuple[str, str], Execution] = {}

    def start(self, machine: str, name: str, payload: dict[str, Any]) -> None:
        """Begin an execution; a name that is known changes nothing (W1)."""
        self._definition_of(machine)
        if (machine, name) in self._names:
            return
        self._names[machine, name] = run = self._begin(machine, name, payload)
        fault = self._strike() if machine == "turn" else ""
        if fault == "rival_start":
            self._begin(machine, name, payload)
        if fault == "lost_run":
            self._scheduler.remind("loss", lambda: self.lose(run), after_ms=LOST_AFTER_MS)

    def _begin(self, machine: str, name: str, payload: dict[str, Any]) -> Execution:
        """Begin a run whether or not one of that name goes on, as an Express start that is delivered twice does."""
        run = Execution(machine, name, f"{machine}.{name}.{len(self._runs)}")
        self._runs[run.seed] = run
        self._take(run, Started(name, payload, run.seed))
        return run

    def status(self, machine: str, name: str) -> str:
        run = self._names.get((machine, name))
        return status(run.state) if run else "absent"

    def send_task_success(self, token: str, output: dict[str, Any]) -> bool:
        """Wake the state that waits; False for a stale token (W3)."""
        seed, _, entry = token.rpartition("#")
        run = self._runs.get(seed)
        if run is None or run.lost or entry not in run.tokens or not awaits(run.state, entry):
            return False
        run.tokens.discard(entry)
        self._take(run, TaskSucceeded(entry, output))
        return True

    def lose(self, run: Execution) -> None:
        """The engine forgets a run in the middle, as Express may."""
        run.lost = True

    def running(self) -> list[Execution]:
        """Runs that go on, oldest first."""
        return [run for run in self._runs.values() if not run.lost and status(run.state) == "running"]

    def states(self) -> list[State]:
        """What every run has in its history, for whoever looks for what must not be there."""
        return [run.state for run in self._runs.values()]

    def _take(self, run: Execution, event: Event) -> None:
        """Let the core go one step; an entry that is over takes no more events."""
        if run.lost or not (isinstance(event, Started) or awaits(run.state, event.id)):
            return
        run.state, commands = step(self._definition_of(run.machine), run.state or None, event)
        for command in commands:
            self._carry_out(run, command)

    def _carry_out(self, run: Execution, command: Command) -> None:
        if isinstance(command, SetTimer):
            wait = command.seconds * (
                1000 if not command.jitter else zlib.crc32(f"{run.seed}{command.id}".encode()) % 1001
            )
            self._scheduler.remind("timer", lambda: self._take(run, TimerFired(command.id)), after_ms=wait)
        elif isinstance(command, RunTask):
            self._call(run, command)

    def _call(self, run: Execution, command: RunTask) -> None:
        if command.token is not None:
            run.tokens.add(command.id)
        self._begin_task(run, command)
        if command.timeout is not None:
            late = TaskTimedOut(command.id)
            self._scheduler.remind("timeout", lambda: self._take(run, late), after_ms=command.timeout * 1000)

    def _begin_task(self, run: Execution, command: RunTask) -> None:
        answers: list[Any] = []
        name = command.resource
        task = self._scheduler.spawn(name, lambda: answers.append(self._invoke(name, command.input)))
        task.after.append(lambda error: self._answer(run, command, answers, error))

    def _answer(self, run: Execution, command: RunTask, answers: list[Any], error: BaseException | None) -> None:
        """What a process that died was at is done again, as long as its state waits for it."""
        if isinstance(error, Crash):
            if awaits(run.state, command.id):
                self._begin_task(run, command)
        elif error is not None:
            self._take(run, TaskFailed(command.id, type(error).__name__))
        elif command.token is None:
            self._take(run, TaskSucceeded(command.id, answers[0]))
