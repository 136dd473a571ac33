"""Workflows on one machine: drives the core in process, journals every answer, and survives `kill -9`."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.local.journal import Execution, Journal
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.workflow.definitions import load_definition
from shared.workflow.exchange import (
    Event,
    Request,
    RunTask,
    SetTimer,
    Started,
    TaskFailed,
    TaskSucceeded,
    TaskTimedOut,
    TimerFired,
    event_from_json,
    event_to_json,
)
from shared.workflow.frames import Definition, State
from shared.workflow.machine import awaits, status, step

Invoke = Callable[[str, Any], Any]
Sleep = Callable[[float], None]

LONGEST_SLEEP_SECONDS = 10  # a longer wait is left to the journal's timers even where the caller would sleep
_PAGED = "paged"


@dataclass(frozen=True, slots=True)
class Paged:
    """The task `id` was called; whoever has its token will answer."""

    id: str


Noted = Event | Paged  # what a journal holds


class LocalWorkflows:
    """The Workflows port (W1 to W4) on a folder; `invoke(resource, input)` runs a handler, answers plain JSON, and
    raises what it raises.

    `start`, `send_task_success` and `fire_due` only write; whoever works calls `drive` for each of `ready()`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        invoke: Invoke,
        clock: Clock,
        ids: Ids,
        definition_of: Callable[[str], Definition] = load_definition,
    ) -> None:
        self._journal = Journal(folder)
        self._invoke, self._clock, self._ids, self._definition_of = invoke, clock, ids, definition_of
        self._driven: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._waking = threading.Lock()

    def close(self) -> None:
        self._journal.close()

    def start(self, machine: str, name: str, payload: dict[str, Any]) -> None:
        """Record an execution, ready to be driven; a name that is known changes nothing (W1)."""
        self._definition_of(machine)
        seed = f"{machine}|{name}|{self._ids.new('w')}"
        self._journal.begin(machine, name, seed, _written(Started(name, payload, seed)))

    def status(self, machine: str, name: str) -> str:
        """`running`, `succeeded`, `failed` or `absent`."""
        execution = self._journal.find(machine, name)
        return execution.status if execution else "absent"

    def outcome(self, machine: str, name: str) -> Any:
        """What a finished execution ended with (an output, or `{error, cause}`), or None where it is no longer kept."""
        execution = self._journal.find(machine, name)
        output = self._journal.output(execution) if execution else None
        return None if output is None else json.loads(output)

    def send_task_success(self, token: str, output: dict[str, Any]) -> bool:
        """Journal the answer to a waiting state, whose execution is then ready; False for a stale token (W3)."""
        seed, _, entry = token.rpartition("#")
        execution = self._journal.find_seed(seed)
        if execution is None:
            return False
        with self._waking:
            awaited = self._run(execution).awaits_token(entry)
            if awaited:
                self._journal.wake(execution, _written(TaskSucceeded(entry, output)), entry=entry)
        return awaited

    def ready(self) -> Sequence[tuple[str, str]]:
        """Executions (machine, name) with something to do that nobody here is driving, oldest first."""
        with self._lock:
            return [key for key in map(_key, self._journal.ready()) if key not in self._driven]

    def resume_all(self, *, sleep: Sleep | None = None) -> None:
        """Drive everything that is ready: what a stopped process left, too."""
        for machine, name in self.ready():
            self.drive(machine, name, sleep=sleep)

    def due(self, now: int) -> Sequence[tuple[str, str]]:
        """Executions (machine, name) with a timer whose time has come at `now` (epoch milliseconds)."""
        return list(dict.fromkeys(_key(execution) for execution, _ in self._journal.due(now)))

    def fire_due(self, now: int) -> Sequence[tuple[str, str]]:
        """Journal what the timers due at `now` mean; the executions that are then ready."""
        fired = self._journal.due(now)
        for execution, entry in fired:
            event = TimerFired(entry) if entry.endswith("t") else TaskTimedOut(entry)
            self._journal.wake(execution, _written(event), entry=entry)
        return list(dict.fromkeys(_key(execution) for execution, _ in fired))

    def prune(self, before: int) -> int:
        """Forget executions that finished before `before` (epoch milliseconds); how many."""
        return self._journal.prune(before)

    def drive(self, machine: str, name: str, *, sleep: Sleep | None = None) -> str:
        """Carry an execution on until it ends or waits; its status. With `sleep`, short waits are waited out here."""
        execution = self._journal.find(machine, name)
        if execution is None or execution.status != "running":
            return execution.status if execution else "absent"
        with self._lock:
            if (machine, name) in self._driven:
                return "running"
            self._driven.add((machine, name))
        try:
            return self._drive(self._run(execution), sleep)
        finally:
            with self._lock:
                self._driven.discard((machine, name))

    def _run(self, execution: Execution) -> _Run:
        run = _Run(execution, self._definition_of(execution.machine))
        run.read(self._journal)
        return run

    def _drive(self, run: _Run, sleep: Sleep | None) -> str:
        while status(run.state) == "running":
            if call := run.next_call():
                self._record(run, *self._call(call))
            elif sleep and (timer := run.next_short_timer()):
                sleep(_milliseconds(run, timer) / 1000)
                fired = TimerFired(timer.id)
                self._record(run, fired, _written(fired))
            elif self._journal.rest(run.execution, run.seq, self._timers(run)):
                return "running"
            else:
                run.read(self._journal)
        self._finish(run)
        return status(run.state)

    def _call(self, call: RunTask) -> tuple[Noted, str]:
        """Run a task; what to note about it, and as text. A late answer is no answer, as on every other engine."""
        began = self._clock.monotonic()
        try:
            answer: Noted = TaskSucceeded(call.id, self._invoke(call.resource, call.input))
            text = _written(answer)  # here, because an answer that is no JSON is a failure, too
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the workflow's to judge, by name
            answer = TaskFailed(call.id, type(error).__name__)
        else:
            answer = answer if call.token is None else Paged(call.id)
        if call.timeout is not None and self._clock.monotonic() - began > call.timeout:
            answer = TaskTimedOut(call.id)
        return answer, text if isinstance(answer, TaskSucceeded) else _written(answer)

    def _record(self, run: _Run, event: Noted, text: str) -> None:
        """Take an event in and journal it, after those that others have journalled meanwhile.

        The last one is not written: the end of the execution is.
        """
        run.take(event)
        if status(run.state) != "running" or self._journal.append(run.execution, run.seq, text):
            return
        run.forget()
        run.read(self._journal)
        self._record(run, event, text)

    def _timers(self, run: _Run) -> dict[str, int]:
        now = self._clock.now()
        return {request.id: now + _milliseconds(run, request) for request in run.waits()}

    def _finish(self, run: _Run) -> None:
        state = run.state
        ended = state["output"] if "output" in state else {"error": state["error"], "cause": state["cause"]}
        self._journal.finish(run.execution, status(state), json.dumps(ended), self._clock.now())


class _Run:
    """An execution as its journal tells it: the state, and the commands that are not answered yet."""

    def __init__(self, execution: Execution, definition: Definition) -> None:
        self.execution, self.definition = execution, definition
        self.forget()

    def forget(self) -> None:
        """Know nothing yet."""
        self.state: State = {}
        self.seq = 0
        self.open: dict[str, Request] = {}
        self.paged: set[str] = set()

    def read(self, journal: Journal) -> None:
        """Take in every event that is journalled and not yet taken."""
        for event in journal.events(self.execution, after=self.seq):
            self.take(_read(event))

    def take(self, event: Noted) -> None:
        self.seq += 1
        if isinstance(event, Paged):
            self.paged.add(event.id)
            return
        self.state, commands = step(self.definition, self.state or None, event)
        if not isinstance(event, Started):
            self.open.pop(event.id, None)
        for command in commands:
            if isinstance(command, RunTask | SetTimer):
                self.open[command.id] = command

    def unanswered(self) -> Iterator[Request]:
        """Requests that the state still waits for, in order; a branch that failed leaves some behind."""
        return (request for entry, request in self.open.items() if awaits(self.state, entry))

    def next_call(self) -> RunTask | None:
        """The first task that nobody has called yet."""
        calls = (request for request in self.unanswered() if isinstance(request, RunTask))
        return next((call for call in calls if call.id not in self.paged), None)

    def next_short_timer(self) -> SetTimer | None:
        """The shortest wait that may be slept through here."""
        short = (each for each in self.unanswered() if isinstance(each, SetTimer))
        found = min(short, key=lambda timer: timer.seconds, default=None)
        return found if found and found.seconds <= LONGEST_SLEEP_SECONDS else None

    def waits(self) -> list[Request]:
        """Everything that ends by itself when its time comes."""
        return [wait for wait in self.unanswered() if isinstance(wait, SetTimer) or wait.timeout is not None]

    def awaits_token(self, entry: str) -> bool:
        call = self.open.get(entry)
        return isinstance(call, RunTask) and call.token is not None


def _key(execution: Execution) -> tuple[str, str]:
    return execution.machine, execution.name


def _written(event: Noted) -> str:
    return json.dumps([_PAGED, event.id] if isinstance(event, Paged) else event_to_json(event))


def _read(stored: str) -> Noted:
    name, *rest = json.loads(stored)
    return Paged(*rest) if name == _PAGED else event_from_json([name, *rest])


def _milliseconds(run: _Run, request: Request) -> int:
    """How long a request waits; jitter comes from its name, so that it spreads and needs no randomness."""
    if isinstance(request, RunTask):
        return 1000 * (request.timeout or 0)
    if request.jitter:
        return request.seconds * (zlib.crc32(f"{run.execution.seed}#{request.id}".encode()) % 1001)
    return 1000 * request.seconds
