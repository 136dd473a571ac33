"""What the subset keeps out of the workflow files, and that the files keep to it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflow.definitions import MACHINES, handlers, load_definition
from shared.workflow.subset import check
from tests.workflow.builders import (
    ask_operator,
    catch,
    choice,
    each,
    given,
    machine,
    parallel,
    pass_on,
    retry,
    safe_task,
    task,
    wait,
)

DONE = {"Done": {"Type": "Succeed"}}
COMPARED = {"Variable": "$.n", "StringEquals": "a"}


def one(state: dict[str, Any]) -> dict[str, Any]:
    return machine({"A": state, "Caught": pass_on()}) if state.get("Catch") else machine({"A": state})


def way(rule: dict[str, Any]) -> dict[str, Any]:
    return machine({"A": choice({**rule, "Next": "Done"}, default="Done"), **DONE})


OUTSIDE: list[tuple[str, dict[str, Any], str]] = [
    ("a type of its own", one({"Type": "Activity", "End": True}), "no such Type"),
    ("JSONata", one({**pass_on(), "QueryLanguage": "JSONata"}), "may not have QueryLanguage"),
    ("InputPath", one(task("a.b", InputPath="$.n")), "may not have InputPath"),
    ("OutputPath", one(task("a.b", OutputPath="$.n")), "may not have OutputPath"),
    ("ResultSelector", one(task("a.b", ResultSelector={"n.$": "$.n"})), "may not have ResultSelector"),
    ("a heartbeat", one(task("a.b", HeartbeatSeconds=5)), "may not have HeartbeatSeconds"),
    ("a time limit of the machine", {**one(pass_on()), "TimeoutSeconds": 5}, "may not have TimeoutSeconds"),
    ("a missing Comment", {"Comment": "c", "StartAt": "A", "States": {"A": pass_on()}}, "no Comment"),
    ("a machine without Comment", {"StartAt": "A", "States": one(pass_on())["States"]}, "machine has no Comment"),
    ("neither Next nor End", one({"Type": "Pass"}), "either Next or End"),
    ("both Next and End", machine({"A": {**pass_on("Done"), "End": True}, **DONE}), "either Next or End"),
    ("a way to nowhere", one(pass_on("Nowhere")), "leads to no state: Nowhere"),
    ("a start at nowhere", machine({"A": pass_on()}, start="B"), "StartAt names no state"),
    ("a state that nothing leads to", machine({"A": pass_on(), "B": pass_on()}), "nothing leads to B"),
    ("a float", one(pass_on(Result={"confidence": 0.85})), "float"),
    ("a float for back-off", one(task("a.b", Retry=[{**retry("E")[0], "BackoffRate": 1.5}])), "float"),
    ("an intrinsic function", one(pass_on(Parameters={"n.$": "States.UUID()"})), "no reference path"),
    ("another context field", one(pass_on(Parameters={"n.$": "$$.State.Name"})), "no reference path"),
    ("a Map's item, further in", one(each({"B": pass_on(Parameters={"i.$": "$$.Map.Item.Index"})})), "no reference path"),
    ("part of a Map's item", one(each({"B": pass_on()}, ItemSelector={"i.$": "$$.Map.Item.Value.k"})), "no reference path"),
    ("a name right after an index", one(pass_on(Parameters={"n.$": "$.a[0].b"})), "one name after an index"),
    ("a choice by a name right after an index", way(given("$.a[0].b", "StringEquals", "x")), "one name after an index"),
    ("a filter in a path", one(pass_on(Parameters={"n.$": "$.a[?(@.b)]"})), "no reference path"),
    ("a result put into a list", one(task("a.b", ResultPath="$.a[0]")), "no path"),
    ("a foreign resource", one(task("arn:aws:states:::sqs:sendMessage")), "Resource is neither"),
    ("a task without time limit", one({"Type": "Task", "Resource": "a.b", "End": True}), "needs TimeoutSeconds"),
    ("a time limit from the data", one(task("a.b", TimeoutSecondsPath="$.n")), "for token tasks only"),
    ("a token task that gives no token", one(ask_operator(Parameters={"FunctionName": "a.b", "Payload": {}})), "no token"),
    ("two time limits", one(ask_operator(TimeoutSecondsPath="$.n")), "either TimeoutSeconds"),
    ("two retriers", one(task("a.b", Retry=retry("E") + retry("F"))), "more than one retrier"),
    ("an error of Amazon's", one(task("a.b", Retry=retry("Lambda.TooManyRequestsException"))), "declared error name"),
    ("States.TaskFailed", one(task("a.b", Retry=retry("States.TaskFailed"))), "declared error name"),
    ("States.ALL among others", one(task("a.b", Retry=retry("E", "States.ALL"))), "stands alone"),
    ("an interval of nothing", one(task("a.b", Retry=retry("E", interval=0))), "positive IntervalSeconds"),
    ("unlimited retries", one(task("a.b", Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 1}])), "needs MaxAttempts"),
    ("a catcher that reads Cause", one(pass_on(Parameters={"why.$": "$.failure.Cause"})), "reads Cause"),
    ("a choice by Cause", way(given("$.failure.Cause", "StringEquals", "x")), "reads Cause"),
    ("a choice without default", machine({"A": {"Type": "Choice", "Choices": [{**given("$.n", "BooleanEquals", True), "Next": "Done"}]}, **DONE}), "needs Default"),
    ("an unguarded comparison", way(COMPARED), "without IsPresent"),
    ("a guard that comes too late", way({"And": [COMPARED, {"Variable": "$.n", "IsPresent": True}]}), "without IsPresent"),
    ("a guard in the other alternative", way({"Or": [{"Variable": "$.n", "IsPresent": True}, COMPARED]}), "without IsPresent"),
    ("a guard of something else", way({"And": [{"Variable": "$.m", "IsPresent": True}, COMPARED]}), "without IsPresent"),
    ("a guard that says absent", way({"And": [{"Variable": "$.n", "IsPresent": False}, COMPARED]}), "without IsPresent"),
    ("a comparison by pattern", way(given("$.n", "StringMatches", "a*")), "no comparison"),
    ("a comparison with a path", way(given("$.n", "StringEqualsPath", "$.m")), "no comparison"),
    ("an endless wait", one({"Type": "Wait", "End": True}), "either Seconds"),
    ("eleven branches", one(parallel(*[machine({"B": pass_on()})] * 11)), "more than 10 branches"),
    ("a Map without limit", one(each({"B": pass_on()}, MaxConcurrency=0)), "from 1 to 20"),
    ("a Map of twenty-one at once", one(each({"B": pass_on()}, MaxConcurrency=21)), "from 1 to 20"),
    ("a distributed Map", one({**each({"B": pass_on()}), "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "B", "States": {"B": {"Comment": "c", **pass_on()}}}}), "INLINE"),
    ("three levels", one(each({"B": each({"C": each({"D": pass_on()})})})), "nested deeper"),
    ("a branch that may fail", one(parallel(machine({"B": task("a.b")}))), "does not catch States.ALL"),
    ("a Fail in a branch", one(each({"B": {"Type": "Fail", "Error": "E"}})), "may not Fail"),
    ("an unreachable state in a branch", one(parallel(machine({"B": pass_on(), "C": pass_on()}))), "nothing leads to C"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "what"), [pytest.param(d, w, id=name) for name, d, w in OUTSIDE])
def test_outside_the_subset(definition: dict[str, Any], what: str) -> None:
    assert [problem for problem in check(definition) if what in problem.what]


def test_a_problem_names_where_it_is() -> None:
    definition = one(parallel(machine({"B": pass_on()}), machine({"C": pass_on(Result=0.5)})))
    assert [problem.where for problem in check(definition)] == ["A/1/C"]


INSIDE = [
    way(given("$.a[0].b.c", "StringEquals", "x")),
    one(pass_on(Parameters={"n.$": "$.a[0]", "text": "because of $.Cause"})),
    one(each({"B": pass_on()}, ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"})),
    way(given("$.n", "StringEquals", "a")),
    way({"And": [{"Variable": "$.n.m", "IsPresent": True}, {"Variable": "$.n", "BooleanEquals": True}]}),
    way({"And": [{"Variable": "$.n", "IsPresent": True}, {"Or": [COMPARED, {"Not": COMPARED}]}]}),
    one(ask_operator()),
    one(wait(Seconds=1)),
    one(task("${orchestrator.plan}", Catch=[catch("Retry", "States.Timeout")])),
    one(each({"B": parallel(machine(safe_task("a.b")), Catch=[catch("States.ALL", to="C")]), "C": pass_on()})),
]


@pytest.mark.parametrize("definition", INSIDE)
def test_inside_the_subset(definition: dict[str, Any]) -> None:
    assert check(definition) == ()


@pytest.mark.parametrize("name", MACHINES)
def test_a_shipped_workflow_keeps_to_the_subset(name: str) -> None:
    assert check(load_definition(name)) == ()


@pytest.mark.parametrize("name", MACHINES)
def test_a_shipped_workflow_names_its_handlers(name: str) -> None:
    assert len(handlers(name)) == len(set(handlers(name))) >= 3
    assert "${" not in str(load_definition(name))
