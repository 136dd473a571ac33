"""Scenarios of failures: Retry, Catch, timeouts, limits."""

from __future__ import annotations

from tests.workflow.builders import (
    catch,
    choice,
    given,
    machine,
    retry,
    task,
)
from tests.workflow.scenario import (
    CAUGHT,
    DONE,
    TIMES_OUT,
    Raises,
    Scenario,
    failing,
    fails,
    failure,
)

FAILURES = (
    failing("a retried task may succeed", {"Retry": retry("Retry")}, [Raises("Retry"), 5], 5, 2, waits=(1,)),
    fails("retries end", {"Retry": retry("Retry", attempts=2)}, [Raises("Retry")], "Retry", 3, waits=(1, 2)),
    fails("back-off grows by its rate", {"Retry": retry("E", attempts=3, interval=2, rate=3)}, [Raises("E")], "E", 4, waits=(2, 6, 18)),
    fails("back-off has a cap", {"Retry": retry("E", attempts=3, MaxDelaySeconds=3)}, [Raises("E")], "E", 4, waits=(1, 2, 3)),
    fails("no attempts, no retry", {"Retry": retry("E", attempts=0)}, [Raises("E")], "E", 1),
    fails("another error is not retried", {"Retry": retry("E")}, [Raises("F")], "F", 1),
    failing("States.ALL retries whatever it is", {"Retry": retry("States.ALL")}, [Raises("X"), TIMES_OUT, 5], 5, 3, waits=(1, 2)),
    failing("a timeout is retried by name", {"Retry": retry("States.Timeout")}, [TIMES_OUT, 5], 5, 2, waits=(1,)),
    failing(
        "a caught error joins the data", {"Catch": [catch("E")]}, [Raises("E")], {"n": 1, "failure": failure("E")}, 1
    ),
    failing("a catcher without a place replaces the data", {"Catch": [catch("E", path="$")]}, [Raises("E")], failure("E"), 1),
    failing("a catcher may drop the error", {"Catch": [catch("E", path=None)]}, [Raises("E")], {"n": 1}, 1),
    failing(
        "the first catcher that takes it catches", {"Catch": [catch("F", path=None), catch("States.ALL")]}, [Raises("E")],
        {"n": 1, "failure": failure("E")}, 1,
    ),
    failing(
        "a timeout is caught by name", {"Catch": [catch("States.Timeout")]}, [TIMES_OUT],
        {"n": 1, "failure": failure("States.Timeout")}, 1,
    ),
    failing(
        "States.ALL catches a timeout", {"Catch": [catch("States.ALL")]}, [TIMES_OUT], {"n": 1, "failure": failure("States.Timeout")}, 1
    ),
    failing(
        "retries come before catching", {"Retry": retry("E", attempts=1), "Catch": [catch("States.ALL")]}, [Raises("E")],
        {"n": 1, "failure": failure("E")}, 2, waits=(1,),
    ),
    fails("what nothing catches fails the machine", {"Catch": [catch("E")]}, [Raises("F")], "F", 1),
    Scenario(
        "every visit of a state has its own retries",
        machine({
            "A": task("a.b", "More?", Retry=retry("E", attempts=1), ResultPath="$.a"),
            "More?": choice({**given("$.a", "StringEquals", "more"), "Next": "A"}, default="Done"), **DONE,
        }),
        {}, {"a.b": [Raises("E"), "more", Raises("E"), "enough"]}, {"a": "enough"}, {"a.b": 4}, (1, 1),
    ),
    fails("too much data fails", {"Catch": [catch("States.ALL")]}, ["x" * 40_000], "States.DataLimitExceeded", 1, everywhere=False),
    Scenario(
        "a missing path fails for good",
        machine({"A": task("a.b", Parameters={"x.$": "$.none"}, Catch=[catch("States.ALL")]), **CAUGHT}),
        {}, {}, "States.Runtime", {}, status="failed", everywhere=False,
    ),
)  # fmt: skip
