"""What a row of the scenario table says, and short ways to write one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.workflow.builders import choice, machine, pass_on, task


@dataclass(frozen=True, slots=True)
class Raises:
    """A task's answer: it raises an error of this name; `States.Timeout` means that it never answers in time."""

    error: str


ECHO = object()  # a task's answer: what it was given
TIMES_OUT = Raises("States.Timeout")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A row: `answers` are given to each resource in turn, the last one again and again.

    `result` is the output of a machine that succeeds, the error's name of one that fails. `tasks` counts the calls.
    `waits` are the seconds of all timers, sorted. `everywhere` is false for what only our own core has to answer so:
    the subset keeps it from the files, or the engines are known to differ (moto was asked).
    """

    name: str
    definition: dict[str, Any]
    payload: Any
    answers: dict[str, list[Any]]
    result: Any
    tasks: dict[str, int]
    waits: tuple[int, ...] = ()
    status: str = "succeeded"
    everywhere: bool = field(default=True)


DONE = {"Done": {"Type": "Succeed"}}
YES_NO = {"Yes": pass_on(Result="yes"), "No": pass_on(Result="no")}
CAUGHT = {"Caught": pass_on()}


def decides(name: str, rule: dict[str, Any], payload: Any, way: str, *, everywhere: bool = True) -> Scenario:
    """A Choice with one rule: does it hold?"""
    definition = machine({"Which?": choice({**rule, "Next": "Yes"}), **YES_NO})
    return Scenario(name, definition, payload, {}, way, {}, everywhere=everywhere)


def failing(name: str, fields: dict[str, Any], answers: list[Any], result: Any, calls: int, **more: Any) -> Scenario:
    """One task with Retry or Catch and its answers; `Caught` ends the machine with its data."""
    states = {"Work": task("a.b", **fields), **(CAUGHT if "Catch" in fields else {})}
    return Scenario(name, machine(states), {"n": 1}, {"a.b": answers}, result, {"a.b": calls}, **more)


def fails(name: str, fields: dict[str, Any], answers: list[Any], error: str, calls: int, **more: Any) -> Scenario:
    return failing(name, fields, answers, error, calls, status="failed", **more)


def failure(error: str) -> dict[str, str]:
    return {"Error": error, "Cause": ""}
