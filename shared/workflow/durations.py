"""How long a workflow can take at most: timeouts, attempts and back-off along its longest path."""

from __future__ import annotations

from functools import cache
from math import ceil

from shared.workflow.failures import retry_delay
from shared.workflow.graph import Definition, nexts

MOST_ITEMS = 10


def worst_case_seconds(definition: Definition, *, loops: int = 1, items: int = MOST_ITEMS) -> int:
    """Seconds along the longest path, on which ways back are taken `loops` times and a Map has `items` items.

    `loops` is what a counter in the workflow's data allows. Raises ValueError where only the data knows how long a
    state may take.
    """
    states, back = definition["States"], ways_back(definition)

    @cache
    def longest(name: str, loops_left: int) -> int:
        state = states[name]
        onward = [longest(way, loops_left) for way in nexts(state) if (name, way) not in back]
        if loops_left:
            onward += [longest(way, loops_left - 1) for way in nexts(state) if (name, way) in back]
        return _state_seconds(state, items) + max(onward, default=0)

    return longest(definition["StartAt"], loops)


def ways_back(scope: Definition) -> frozenset[tuple[str, str]]:
    """The ways that lead back to a state already passed: without them, no loop."""
    back: set[tuple[str, str]] = set()

    def visit(name: str, passed: tuple[str, ...]) -> None:
        for way in nexts(scope["States"][name]):
            if way in passed:
                back.add((name, way))
            elif way not in done:
                visit(way, (*passed, way))
        done.add(name)

    done: set[str] = set()
    visit(scope["StartAt"], (scope["StartAt"],))
    return frozenset(back)


def _state_seconds(state: Definition, items: int) -> int:
    """One state with all its attempts and the waits between them."""
    seconds = _attempt_seconds(state, items)
    for retrier in state.get("Retry", ()):
        for tries in range(retrier.get("MaxAttempts", 3)):
            seconds += retry_delay(retrier, tries) + _attempt_seconds(state, items)
    return seconds


def _attempt_seconds(state: Definition, items: int) -> int:
    if state["Type"] == "Parallel":
        return max(worst_case_seconds(branch, items=items) for branch in state["Branches"])
    if state["Type"] == "Map":
        rounds = ceil(items / (state.get("MaxConcurrency") or items))
        return rounds * worst_case_seconds(state["ItemProcessor"], items=items)
    if state["Type"] in ("Task", "Wait"):
        seconds: int | None = state.get("TimeoutSeconds", state.get("Seconds"))
        if seconds is None:
            raise ValueError("only the data knows how long a state may take")
        return seconds
    return 0
