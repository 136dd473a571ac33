"""Random machines: replays, orders and repetitions make no difference."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.workflow.exchange import RunTask
from shared.workflow.machine import status, step
from shared.workflow.subset import check
from tests.workflow import builders
from tests.workflow.playing import Script, play
from tests.workflow.scenario import ECHO, TIMES_OUT, Raises

ANSWERS: dict[str, list[Any]] = {
    "steady.work": [ECHO],
    "broken.work": [Raises("KeyError")],
    "late.work": [TIMES_OUT],
    "loud.work": [{"ok": True, "output": {"n": 1}}],
}
RESOURCES = st.sampled_from(sorted(ANSWERS))


def a_step() -> st.SearchStrategy[dict[str, Any]]:
    """One state that catches everything, without its way on."""
    tasks = st.builds(
        lambda resource, attempts: builders.task(
            resource, ResultPath="$.r", Retry=builders.retry("States.ALL", attempts=attempts)
        ),
        RESOURCES,
        st.integers(0, 2),
    )
    passes = st.sampled_from([builders.pass_on(ResultPath="$.r"), builders.pass_on(Result=1, ResultPath="$.one")])
    waits = st.builds(lambda seconds: builders.wait(Seconds=seconds), st.integers(0, 9))
    return st.one_of(tasks, passes, waits)


def a_group(inner: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[dict[str, Any]]:
    """A Parallel or a Map over chains of steps."""
    branches = st.lists(inner.map(lambda steps: builders.machine(chain(steps))), min_size=1, max_size=3)
    parallels = branches.map(lambda found: builders.parallel(*found, ResultPath="$.r"))
    maps = st.builds(
        lambda steps, at_once: builders.each(
            chain(steps), ItemsPath="$.items", MaxConcurrency=at_once, ResultPath="$.r", Parameters=ITEM
        ),
        inner,
        st.integers(1, 3),
    )
    return st.one_of(parallels, maps)


ITEM = {"items.$": "$.items", "index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"}


def chain(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The steps one after the other; whatever fails goes to the end."""
    states: dict[str, Any] = {}
    for number, state in enumerate(steps):
        way = {"Next": f"S{number + 1}"} if number + 1 < len(steps) else {"Next": "Caught"}
        safe = {"Catch": [builders.catch("States.ALL")]} if state["Type"] in ("Task", "Parallel", "Map") else {}
        states[f"S{number}"] = {key: value for key, value in state.items() if key != "End"} | safe | way
    return states | {"Caught": builders.pass_on()}


def some(steps: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(steps, min_size=1, max_size=3)


MACHINES = some(st.one_of(a_step(), a_group(some(st.one_of(a_step(), a_group(some(a_step()))))))).map(
    lambda steps: builders.machine(chain(steps))
)
PAYLOAD = {"items": [1, 2, 3]}
SEEDS = st.integers(0, 2**32)


@settings(max_examples=60, deadline=None)
@given(MACHINES)
def test_random_machines_keep_to_the_subset_and_end(definition: dict[str, Any]) -> None:
    assert check(definition) == ()
    assert status(play(definition, PAYLOAD, Script(ANSWERS)).state) == "succeeded"


@settings(max_examples=60, deadline=None)
@given(MACHINES, SEEDS)
def test_replaying_any_prefix_gives_the_same_states_and_commands(definition: dict[str, Any], seed: int) -> None:
    played = play(definition, PAYLOAD, Script(ANSWERS), pick=Random(seed).randrange)
    state = None
    for event, commands in zip(played.events, played.commands, strict=True):
        state, again = step(definition, json.loads(json.dumps(state)), event)
        assert again == commands
        assert all(
            frame["size"] is None or frame["size"] >= len(json.dumps(frame["data"]))
            for frame in state["frames"].values()
        )
    assert state == played.state


@settings(max_examples=60, deadline=None)
@given(MACHINES, SEEDS)
def test_the_order_of_answers_changes_neither_output_nor_calls(definition: dict[str, Any], seed: int) -> None:
    one = play(definition, PAYLOAD, Script(ANSWERS))
    other = play(definition, PAYLOAD, Script(ANSWERS), pick=Random(seed).randrange)
    assert other.result == one.result
    assert calls(other.commands) == calls(one.commands)


def calls(commands: list[Any]) -> list[tuple[str, str]]:
    return sorted((c.id, c.resource) for made in commands for c in made if isinstance(c, RunTask))


@settings(max_examples=60, deadline=None)
@given(MACHINES, SEEDS)
def test_doubled_and_stale_events_change_nothing(definition: dict[str, Any], seed: int) -> None:
    played = play(definition, PAYLOAD, Script(ANSWERS), pick=Random(seed).randrange)
    state = None
    random = Random(seed)
    for number, event in enumerate(played.events):
        state, _ = step(definition, state, event)
        old = played.events[random.randrange(number + 1)]
        assert step(definition, state, old) == (state, ())
