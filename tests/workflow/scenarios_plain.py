"""Scenarios of single states: tasks, passes, waits, choices."""

from __future__ import annotations

from tests.workflow.builders import (
    choice,
    given,
    machine,
    pass_on,
    task,
    wait,
)
from tests.workflow.scenario import (
    DONE,
    ECHO,
    YES_NO,
    Scenario,
    decides,
)

TASKS = (
    Scenario("a task's answer is the output", machine({"A": task("a.b")}), {"n": 1}, {"a.b": [{"m": 2}]}, {"m": 2}, {"a.b": 1}),
    Scenario(
        "a task is given the whole data where it has no Parameters",
        machine({"A": task("a.b")}), {"n": 1}, {"a.b": [ECHO]}, {"n": 1}, {"a.b": 1},
    ),
    Scenario(
        "Parameters pick from data and context and keep constants",
        machine({"A": task("a.b", Parameters={"x.$": "$.n.m", "who.$": "$$.Execution.Name", "k": {"c": [1, "z"]}})}),
        {"n": {"m": 7}}, {"a.b": [ECHO]}, {"x": 7, "who": "the-execution", "k": {"c": [1, "z"]}}, {"a.b": 1},
    ),
    Scenario(
        "Parameters reach into a list",
        machine({"A": task("a.b", Parameters={"x.$": "$.n[1].m.k"})}),
        {"n": [0, {"m": {"k": 5}}]}, {"a.b": [ECHO]}, {"x": 5}, {"a.b": 1},
    ),
    Scenario(
        "ResultPath adds the answer to the data",
        machine({"A": task("a.b", ResultPath="$.a.out")}),
        {"n": 1}, {"a.b": [{"m": 2}]}, {"n": 1, "a": {"out": {"m": 2}}}, {"a.b": 1},
    ),
    Scenario(
        "ResultPath replaces what was there",
        machine({"A": task("a.b", ResultPath="$.n")}), {"n": {"old": 1}}, {"a.b": [2]}, {"n": 2}, {"a.b": 1},
    ),
    Scenario(
        "ResultPath null drops the answer",
        machine({"A": task("a.b", ResultPath=None)}), {"n": 1}, {"a.b": [{"m": 2}]}, {"n": 1}, {"a.b": 1},
    ),
    Scenario(
        "ResultPath joins the data, not the Parameters",
        machine({"A": task("a.b", Parameters={"only": 1}, ResultPath="$.r")}),
        {"n": 1}, {"a.b": [ECHO]}, {"n": 1, "r": {"only": 1}}, {"a.b": 1},
    ),
    Scenario(
        "tasks follow one another",
        machine({"A": task("a.b", "B", ResultPath="$.a"), "B": task("c.d", "Done", ResultPath="$.c"), **DONE}),
        {}, {"a.b": [1], "c.d": [ECHO]}, {"a": 1, "c": {"a": 1}}, {"a.b": 1, "c.d": 1},
    ),
    Scenario(
        "a loop runs until its choice leaves it",
        machine({
            "A": task("a.b", "More?", ResultPath="$.a"),
            "More?": choice({**given("$.a.more", "BooleanEquals", True), "Next": "A"}, default="Done"), **DONE,
        }),
        {}, {"a.b": [{"more": True}, {"more": True}, {"more": False}]}, {"a": {"more": False}}, {"a.b": 3},
    ),
)  # fmt: skip

PASSES = (
    Scenario("Pass hands its data on", machine({"A": pass_on()}), {"n": 1}, {}, {"n": 1}, {}),
    Scenario("Pass answers its Result", machine({"A": pass_on(Result={"m": 2})}), {"n": 1}, {}, {"m": 2}, {}),
    Scenario(
        "Pass places its Result",
        machine({"A": pass_on(Result=[1], ResultPath="$.r")}), {"n": 1}, {}, {"n": 1, "r": [1]}, {},
    ),
    Scenario(
        "Pass reshapes by Parameters",
        machine({"A": pass_on(Parameters={"m.$": "$.n"})}), {"n": 1}, {}, {"m": 1}, {},
    ),
    Scenario("Succeed ends with the data", machine(dict(DONE)), {"n": 1}, {}, {"n": 1}, {}),
    Scenario(
        "Fail ends with its error",
        machine({"A": {"Type": "Fail", "Error": "TurnDied"}}), {}, {}, "TurnDied", {}, status="failed",
    ),
    Scenario("Wait waits its seconds", machine({"A": wait(Seconds=60)}), {"n": 1}, {}, {"n": 1}, {}, (60,)),
    Scenario("Wait waits what the data says", machine({"A": wait(SecondsPath="$.n")}), {"n": 7}, {}, {"n": 7}, {}, (7,)),
)  # fmt: skip

CHOICES = (
    decides("equal strings", given("$.n", "StringEquals", "a"), {"n": "a"}, "yes"),
    decides("other strings", given("$.n", "StringEquals", "a"), {"n": "b"}, "no"),
    decides("a number is no string", given("$.n", "StringEquals", "1"), {"n": 1}, "no"),
    decides("equal numbers", given("$.n", "NumericEquals", 8500), {"n": 8500}, "yes"),
    decides("true is not one", given("$.n", "NumericEquals", 1), {"n": True}, "no"),
    decides("greater", given("$.n", "NumericGreaterThan", 1), {"n": 2}, "yes"),
    decides("not greater than itself", given("$.n", "NumericGreaterThan", 2), {"n": 2}, "no"),
    decides("at least", given("$.n", "NumericGreaterThanEquals", 8500), {"n": 8500}, "yes"),
    decides("not at least", given("$.n", "NumericGreaterThanEquals", 8500), {"n": 8499}, "no"),
    decides("less", given("$.n", "NumericLessThan", 0), {"n": -1}, "yes"),
    decides("at most", given("$.n", "NumericLessThanEquals", 3), {"n": 3}, "yes"),
    decides("a string is not at most", given("$.n", "NumericLessThanEquals", 3), {"n": "1"}, "no"),
    decides("true is true", given("$.n", "BooleanEquals", True), {"n": True}, "yes"),
    decides("one is not true", given("$.n", "BooleanEquals", True), {"n": 1}, "no"),
    decides("present", {"Variable": "$.n.m", "IsPresent": True}, {"n": {"m": 0}}, "yes"),
    decides("null is present", {"Variable": "$.n", "IsPresent": True}, {"n": None}, "yes"),
    decides("absent", {"Variable": "$.n.m", "IsPresent": False}, {"n": 1}, "yes"),
    decides("a guard spares the comparison", given("$.n.m", "StringEquals", "a"), {}, "no"),
    decides("a path through a list", given("$.n[0].m.k", "StringEquals", "a"), {"n": [{"m": {"k": "a"}}]}, "yes"),
    decides("beyond the end of a list", given("$.n[1].m.k", "StringEquals", "a"), {"n": [{"m": {"k": "a"}}]}, "no"),
    decides("a letter is no element", given("$.n[0]", "StringEquals", "a"), {"n": "a"}, "no"),
    decides("either", {"Or": [given("$.a", "BooleanEquals", True), given("$.b", "BooleanEquals", True)]}, {"b": True}, "yes"),
    decides("neither", {"Or": [given("$.a", "BooleanEquals", True), given("$.b", "BooleanEquals", True)]}, {}, "no"),
    decides("not", {"Not": given("$.a", "StringEquals", "x")}, {"a": "y"}, "yes"),
    Scenario(
        "the first rule that holds decides",
        machine({
            "Which?": choice(
                {**given("$.n", "NumericGreaterThan", 0), "Next": "Yes"}, {**given("$.n", "NumericGreaterThan", 5), "Next": "Other"}
            ),
            **YES_NO, "Other": pass_on(Result="other"),
        }),
        {"n": 9}, {}, "yes", {},
    ),
)  # fmt: skip
