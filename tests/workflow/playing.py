"""Plays definitions on the core with scripted answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.workflow.exchange import (
    Command,
    Event,
    Request,
    RunTask,
    SetTimer,
    Started,
    TaskFailed,
    TaskSucceeded,
    TaskTimedOut,
    TimerFired,
)
from shared.workflow.machine import awaits, status, step
from tests.workflow.scenario import ECHO, TIMES_OUT, Raises

NAME = "the-execution"
Pick = Callable[[int], int]


class Script:
    """Scripted answers; each resource gives its own in turn, the last again and again."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self.answers = answers
        self.calls: Counter[str] = Counter()

    def answer(self, call: RunTask) -> Event:
        answers = self.answers[call.resource]
        answer = answers[min(self.calls[call.resource], len(answers) - 1)]
        self.calls[call.resource] += 1
        if answer is TIMES_OUT:
            return TaskTimedOut(call.id)
        if isinstance(answer, Raises):
            return TaskFailed(call.id, answer.error)
        return TaskSucceeded(call.id, call.input if answer is ECHO else answer)


@dataclass
class Play:
    """A finished play: the last state, every event and every command in order."""

    state: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    commands: list[tuple[Command, ...]] = field(default_factory=list)

    @property
    def waits(self) -> tuple[int, ...]:
        return tuple(sorted(c.seconds for step_ in self.commands for c in step_ if isinstance(c, SetTimer)))

    @property
    def result(self) -> Any:
        return self.state["output"] if status(self.state) == "succeeded" else self.state["error"]


def first(_: int) -> int:
    """Answer requests in the order in which they came."""
    return 0


def play(definition: dict[str, Any], payload: Any, script: Script, *, pick: Pick = first) -> Play:
    """Run a machine to its end; `pick` says which of n open requests is answered next."""
    played = Play()
    waiting: list[Request] = []
    take(played, definition, Started(NAME, payload, f"test|{NAME}|secret"), waiting)
    while waiting:
        request = waiting.pop(pick(len(waiting)))
        if awaits(played.state, request.id):
            event = script.answer(request) if isinstance(request, RunTask) else TimerFired(request.id)
            take(played, definition, event, waiting)
    return played


def take(played: Play, definition: dict[str, Any], event: Event, waiting: list[Request]) -> None:
    played.state, commands = step(definition, played.state or None, event)
    played.events.append(event)
    played.commands.append(commands)
    waiting += [command for command in commands if isinstance(command, RunTask | SetTimer)]
