"""Scenarios of branches, items and task tokens."""

from __future__ import annotations

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
)
from tests.workflow.scenario import (
    CAUGHT,
    DONE,
    ECHO,
    TIMES_OUT,
    Raises,
    Scenario,
    failure,
)

GROUPS = (
    Scenario(
        "branches answer in their order",
        machine({"P": parallel(machine(safe_task("a.b")), machine(safe_task("c.d")), ResultPath="$.both")}),
        {"n": 1}, {"a.b": [1], "c.d": [2]}, {"n": 1, "both": [1, 2]}, {"a.b": 1, "c.d": 1},
    ),
    Scenario(
        "each branch is given the data",
        machine({"P": parallel(machine({"A": pass_on()}), machine({"B": pass_on(Parameters={"m.$": "$.n"})}))}),
        {"n": 1}, {}, [{"n": 1}, {"m": 1}], {},
    ),
    Scenario(
        "a branch that crashes reports so and stops nobody",
        machine({"P": parallel(machine(safe_task("a.b")), machine(safe_task("c.d")))}),
        {}, {"a.b": [Raises("ZeroDivisionError")], "c.d": [2]}, [{"ok": False, "error": "crashed"}, 2], {"a.b": 1, "c.d": 1},
    ),
    Scenario(
        "a branch retries by itself",
        machine({"P": parallel(machine(safe_task("a.b", Retry=retry("Retry"))), machine(safe_task("c.d")))}),
        {}, {"a.b": [Raises("Retry"), 1], "c.d": [2]}, [1, 2], {"a.b": 2, "c.d": 1}, (1,),
    ),
    Scenario(
        "Parameters of a Parallel are what its branches are given",
        machine({"P": parallel(machine({"A": pass_on()}), Parameters={"m.$": "$.n"}, ResultPath="$.p")}),
        {"n": 1}, {}, {"n": 1, "p": [{"m": 1}]}, {},
    ),
    Scenario(
        "a branch that fails fails its Parallel",
        machine({"P": parallel(machine({"A": task("a.b")}), machine({"B": pass_on()}), Catch=[catch("E")]), **CAUGHT}),
        {}, {"a.b": [Raises("E")]}, {"failure": failure("E")}, {"a.b": 1}, everywhere=False,
    ),
    Scenario(
        "a Parallel is retried as a whole",
        machine({"P": parallel(machine({"A": task("a.b")}), machine({"B": task("c.d")}), Retry=retry("E"))}),
        {}, {"a.b": [1], "c.d": [Raises("E"), 2]}, [1, 2], {"a.b": 2, "c.d": 2}, (1,), everywhere=False,
    ),
    Scenario(
        "a Fail in a branch fails its Parallel",
        machine({"P": parallel(machine({"A": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}), Catch=[catch("Broken")]), **CAUGHT}),
        {}, {}, {"failure": {"Error": "Broken", "Cause": "on purpose"}}, {}, everywhere=False,
    ),
    Scenario(
        "items answer in their order",
        machine({"M": each(safe_task("a.b"), ItemsPath="$.items", ResultPath="$.out")}),
        {"items": [3, 1, 2]}, {"a.b": [ECHO]}, {"items": [3, 1, 2], "out": [3, 1, 2]}, {"a.b": 3},
    ),
    Scenario(
        "no items, an empty answer",
        machine({"M": each(safe_task("a.b"), ItemsPath="$.items")}), {"items": []}, {}, [], {},
    ),
    Scenario(
        "one item after the other",
        machine({"M": each(safe_task("a.b"), MaxConcurrency=1)}), [1, 2, 3], {"a.b": [ECHO]}, [1, 2, 3], {"a.b": 3},
    ),
    Scenario(
        "an item is chosen from data and context",
        machine({
            "M": each(
                {"A": pass_on()}, ItemsPath="$.items",
                ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.k", "n.$": "$.n"},
            )
        }),
        {"n": 9, "items": [{"k": "a"}, {"k": "b"}]}, {}, [{"i": 0, "v": "a", "n": 9}, {"i": 1, "v": "b", "n": 9}], {},
        everywhere=False,
    ),
    Scenario(
        "an item is chosen whole",
        machine({"M": each({"A": pass_on()}, ItemsPath="$.items", Parameters={"v.$": "$$.Map.Item.Value", "n.$": "$.n"})}),
        {"n": 9, "items": [{"k": "a"}, 2]}, {}, [{"v": {"k": "a"}, "n": 9}, {"v": 2, "n": 9}], {},
    ),
    Scenario(
        "an item that crashes reports so and the others count",
        machine({
            "M": each({
                "Which?": choice({**given("$.bad", "BooleanEquals", True), "Next": "Break"}, default="Fine"),
                "Fine": pass_on(),
                "Break": task("a.b", Catch=[catch("States.ALL", to="Broken")]),
                "Broken": pass_on(Result="crashed"),
            })
        }),
        [{"n": 1}, {"bad": True}, {"n": 3}], {"a.b": [Raises("KeyError")]}, [{"n": 1}, "crashed", {"n": 3}], {"a.b": 1},
    ),
    Scenario(
        "a Map in a Map",
        machine({
            "Rows": each(
                {"Cells": each(safe_task("a.b"), Catch=[catch("States.ALL", to="Caught")]), **CAUGHT}
            )
        }),
        [[1, 2], [], [3]], {"a.b": [ECHO]}, [[1, 2], [], [3]], {"a.b": 3},
    ),
    Scenario(
        "a Parallel in a Map knows its item",
        machine({
            "M": each({
                "P": parallel(machine({"A": pass_on(Parameters={"i.$": "$$.Map.Item.Index"})}), Catch=[catch("States.ALL")]),
                **CAUGHT,
            })
        }),
        ["a", "b"], {}, [[{"i": 0}], [{"i": 1}]], {}, everywhere=False,
    ),
    Scenario(
        "a Map of no list fails for good",
        machine({"M": each(safe_task("a.b"), ItemsPath="$.items", Catch=[catch("States.ALL")]), **CAUGHT}),
        {"items": 5}, {}, "States.Runtime", {}, status="failed", everywhere=False,
    ),
)  # fmt: skip

TOKENS = (
    Scenario(
        "a token's answer goes on",
        machine({"Ask": ask_operator("Done", ResultPath="$.answer"), **DONE}),
        {"id": 1}, {"escalation.page": [{"decision": "approved"}]},
        {"id": 1, "answer": {"decision": "approved"}}, {"escalation.page": 1},
    ),
    Scenario(
        "nobody in time: the next rung is asked",
        machine({
            "Ask": ask_operator("Done", ResultPath="$.answer", Catch=[catch("States.Timeout", to="Ask higher", path="$.late")]),
            "Ask higher": ask_operator("Done", ResultPath="$.answer"), **DONE,
        }),
        {"id": 1}, {"escalation.page": [TIMES_OUT, {"decision": "rejected"}]},
        {"id": 1, "late": failure("States.Timeout"), "answer": {"decision": "rejected"}}, {"escalation.page": 2},
    ),
    Scenario(
        "the data says how long a rung has",
        machine({"Ask": {key: value for key, value in ask_operator().items() if key != "TimeoutSeconds"} | {"TimeoutSecondsPath": "$.time"}}),
        {"id": 1, "time": 90}, {"escalation.page": ["yes"]}, "yes", {"escalation.page": 1},
    ),
    Scenario(
        "a page that fails is caught",
        machine({"Ask": ask_operator(Catch=[catch("States.ALL")]), **CAUGHT}),
        {"id": 1}, {"escalation.page": [Raises("Unavailable")]}, {"id": 1, "failure": failure("Unavailable")}, {"escalation.page": 1},
    ),
)  # fmt: skip
