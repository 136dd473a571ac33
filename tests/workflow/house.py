"""A folder with an engine that can die and come back, and scripted handlers for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from adapters.local.workflows import LocalWorkflows
from tests.workflow.playing import NAME
from tests.workflow.ports import CountedIds, HandClock
from tests.workflow.scenario import ECHO, Raises

Invoke = Callable[[str, Any], Any]


class PowerCut(BaseException):
    """The process dies here."""


class Handlers:
    """Scripted handlers: what each was called with, and the call at which the power is cut."""

    def __init__(self, answers: dict[str, list[Any]], *, clock: HandClock, dies_at: int | None = None) -> None:
        self.answers, self.clock, self.dies_at = answers, clock, dies_at
        self.calls: list[tuple[str, Any]] = []

    def __call__(self, resource: str, given: Any) -> Any:
        self.calls.append((resource, given))
        if len(self.calls) == self.dies_at:
            raise PowerCut
        answers = self.answers[resource]
        answer = answers[min(self.counts[resource], len(answers)) - 1]
        if answer is ECHO:
            return given
        if isinstance(answer, Raises):
            self.fail(answer.error)
        return answer

    def fail(self, error: str) -> None:
        """Raise by name; for a timeout, answer too late."""
        if error == "States.Timeout":
            self.clock.sleep(3_600)
            return
        raise type(error, (Exception,), {})

    @property
    def counts(self) -> Counter[str]:
        return Counter(resource for resource, _ in self.calls)

    @property
    def tokens(self) -> list[str]:
        return [given["token"] for resource, given in self.calls if resource == "escalation.page"]


class House:
    """A folder with an engine that can die and come back."""

    def __init__(self, folder: Path, definition: dict[str, Any]) -> None:
        self.folder, self.definition = folder, definition
        self.clock, self.ids = HandClock(), CountedIds()
        self.opened: list[LocalWorkflows] = []

    def open(self, invoke: Invoke) -> LocalWorkflows:
        engine = LocalWorkflows(
            self.folder, invoke=invoke, clock=self.clock, ids=self.ids, definition_of=lambda _: self.definition
        )
        self.opened.append(engine)
        return engine

    def handlers(self, answers: dict[str, list[Any]], *, dies_at: int | None = None) -> Handlers:
        return Handlers(answers, clock=self.clock, dies_at=dies_at)

    def begin(self, answers: dict[str, list[Any]], payload: Any) -> tuple[LocalWorkflows, Handlers]:
        handlers = self.handlers(answers)
        engine = self.open(handlers)
        engine.start("escalation", NAME, payload)
        return engine, handlers


def houses_in(folder: Path) -> Iterator[Callable[[dict[str, Any]], House]]:
    """What a fixture yields: builds houses, and closes their engines at the end."""
    houses: list[House] = []

    def build(definition: dict[str, Any]) -> House:
        houses.append(House(folder, definition))
        return houses[-1]

    yield build
    for built in houses:
        for engine in built.opened:
            engine.close()
