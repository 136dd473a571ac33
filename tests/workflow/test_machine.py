"""The core does what the scenario table says, whatever order, repetition or replay."""

from __future__ import annotations

import json
import time
from random import Random

import pytest

from shared.workflow.exchange import (
    RunTask,
    Started,
    TaskFailed,
    TaskSucceeded,
    TimerFired,
    event_from_json,
    event_to_json,
)
from shared.workflow.machine import awaits, status, step
from shared.workflow.subset import check
from tests.workflow.builders import catch, choice, each, given, machine, parallel, pass_on, task
from tests.workflow.playing import Script, play
from tests.workflow.scenario import ECHO, Scenario
from tests.workflow.scenarios import SCENARIOS

by_name = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


def test_the_table_has_forty_rows_of_different_names() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40


@by_name
def test_a_scenario_ends_as_the_table_says(scenario: Scenario) -> None:
    script = Script(scenario.answers)
    played = play(scenario.definition, scenario.payload, script)
    assert (status(played.state), played.result) == (scenario.status, scenario.result)
    assert dict(script.calls) == scenario.tasks
    assert played.waits == scenario.waits


@by_name
def test_a_scenario_for_every_engine_keeps_to_the_subset(scenario: Scenario) -> None:
    assert not scenario.everywhere or check(scenario.definition) == ()


@by_name
def test_a_state_is_json_after_every_event(scenario: Scenario) -> None:
    state = None
    for event in play(scenario.definition, scenario.payload, Script(scenario.answers)).events:
        stored = event_from_json(json.loads(json.dumps(event_to_json(event))))
        state, _ = step(scenario.definition, state, stored)
        assert json.loads(json.dumps(state)) == state
        state = json.loads(json.dumps(state))


@by_name
def test_a_step_changes_nothing_that_it_was_given(scenario: Scenario) -> None:
    before = json.dumps(scenario.definition)
    state = None
    for event in play(scenario.definition, scenario.payload, Script(scenario.answers)).events:
        given_state = json.dumps(state)
        after, _ = step(scenario.definition, state, event)
        assert json.dumps(state) == given_state
        state = after
    assert json.dumps(scenario.definition) == before


def test_an_execution_begins_with_started() -> None:
    with pytest.raises(ValueError, match="Started"):
        step(machine({"A": pass_on()}), None, TaskSucceeded("1", {}))


def test_a_second_start_changes_nothing() -> None:
    definition = machine({"A": task("a.b")})
    state, _ = step(definition, None, Started("e", {"n": 1}))
    assert step(definition, state, Started("e", {"n": 2})) == (state, ())


def test_a_timer_does_not_answer_a_task_nor_a_task_a_timer() -> None:
    definition = machine({"A": task("a.b", Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 1}])})
    asked, _ = step(definition, None, Started("e", {}))
    assert step(definition, asked, TimerFired("1")) == (asked, ())
    waiting, _ = step(definition, asked, TaskFailed("1", "E"))
    assert step(definition, waiting, TaskSucceeded("2t", {})) == (waiting, ())


def test_a_token_is_named_per_visit_and_per_execution() -> None:
    ask = next(scenario for scenario in SCENARIOS if scenario.name.startswith("nobody in time"))
    played = play(ask.definition, ask.payload, Script(ask.answers))
    calls = [command for commands in played.commands for command in commands if isinstance(command, RunTask)]
    assert [call.token for call in calls] == ["test|the-execution|secret#1", "test|the-execution|secret#2"]
    assert [call.input["token"] for call in calls] == [call.token for call in calls]
    assert [call.resource for call in calls] == ["escalation.page", "escalation.page"]


def test_a_loop_without_a_task_ends_as_broken() -> None:
    rule = {**given("$.n", "NumericEquals", 1), "Next": "A"}
    played = play(machine({"A": pass_on("Which?"), "Which?": choice(rule, default="A")}), {"n": 1}, Script({}))
    assert played.result == "States.Runtime"


def test_no_more_items_run_at_once_than_the_map_says() -> None:
    definition = machine({"M": each({"A": task("a.b")}, MaxConcurrency=2)})
    state, commands = step(definition, None, Started("e", [1, 2, 3, 4]))
    assert [command.input for command in commands if isinstance(command, RunTask)] == [1, 2]
    _, more = step(definition, state, TaskSucceeded("1.1.1", 0))
    assert [command.input for command in more if isinstance(command, RunTask)] == [3]


def test_results_that_grow_together_beyond_the_limit_fail() -> None:
    states = {f"S{n}": task("a.b", f"S{n + 1}", ResultPath=f"$.r{n}") for n in range(4)} | {"S4": {"Type": "Succeed"}}
    played = play(machine(states), {}, Script({"a.b": ["x" * 10_000]}))
    assert played.result == "States.DataLimitExceeded"
    assert len(played.events) == 5


def test_a_branch_that_still_works_when_its_parallel_fails_is_forgotten() -> None:
    branches = machine({"A": task("a.b")}), machine({"B": task("c.d")})
    definition = machine({"P": parallel(*branches, to="C", Catch=[catch("E", to="C")]), "C": task("e.f")})
    working, _ = step(definition, None, Started("e", {}))
    caught, commands = step(definition, working, TaskFailed("1.1.1", "E"))
    assert [command.id for command in commands if isinstance(command, RunTask)] == ["2"]
    assert not awaits(caught, "1.0.1")
    assert step(definition, caught, TaskSucceeded("1.0.1", {"late": True})) == (caught, ())


@by_name
def test_what_a_frame_holds_is_never_more_than_it_counts(scenario: Scenario) -> None:
    state = None
    for event in play(scenario.definition, scenario.payload, Script(scenario.answers)).events:
        state, _ = step(scenario.definition, state, event)
        for frame in state["frames"].values():
            assert frame["size"] is None or frame["size"] >= len(json.dumps(frame["data"]))


def test_two_branches_may_end_in_any_order() -> None:
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == "items answer in their order")
    random = Random(7)
    played = play(scenario.definition, scenario.payload, Script({"a.b": [ECHO]}), pick=random.randrange)
    assert played.result == scenario.result


def test_sixteen_tasks_cost_little() -> None:
    states = {f"S{n}": task("a.b", f"S{n + 1}", ResultPath=f"$.r{n}") for n in range(16)} | {"S16": pass_on()}
    definition, script = machine(states), Script({"a.b": [{"ok": True, "output": {"n": 1}}]})
    play(definition, {"text": "x" * 2_000}, script)
    began = time.process_time()
    for _ in range(50):
        play(definition, {"text": "x" * 2_000}, script)
    assert (time.process_time() - began) / 50 < 0.005
