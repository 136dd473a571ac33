"""How long a workflow can take: timeouts, attempts, back-off and loops add up."""

from __future__ import annotations

from typing import Any

import pytest

from shared.workflow.definitions import load_definition
from shared.workflow.durations import worst_case_seconds
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
    task,
    wait,
)

LOOP = machine(
    {
        "A": task("a.b", "More?", TimeoutSeconds=5),
        "More?": choice({**given("$.more", "BooleanEquals", True), "Next": "A"}, default="B"),
        "B": wait(Seconds=3),
    }
)


@pytest.mark.parametrize(
    ("definition", "seconds"),
    [
        (machine({"A": task("a.b", "B", TimeoutSeconds=5), "B": wait(Seconds=7)}), 12),
        (machine({"A": task("a.b", TimeoutSeconds=5, Retry=retry("E", attempts=2))}), 5 + 1 + 5 + 2 + 5),
        (machine({"A": task("a.b", "B", TimeoutSeconds=5, Catch=[catch("E", to="C")]), "B": pass_on(), "C": wait(Seconds=9)}), 14),
        (machine({"A": parallel(machine({"B": wait(Seconds=3)}), machine({"C": wait(Seconds=8)}))}), 8),
        (machine({"A": each({"B": wait(Seconds=3)}, MaxConcurrency=10)}), 3),
        (machine({"A": each({"B": wait(Seconds=3)}, MaxConcurrency=4)}), 9),
        (LOOP, 13),
    ],
)  # fmt: skip
def test_the_longest_path_counts(definition: dict[str, Any], seconds: int) -> None:
    assert worst_case_seconds(definition) == seconds


def test_a_loop_counts_as_often_as_it_may_run() -> None:
    assert [worst_case_seconds(LOOP, loops=loops) for loops in (0, 1, 2)] == [8, 13, 18]


def test_what_only_the_data_knows_has_no_bound() -> None:
    state = {key: value for key, value in ask_operator().items() if key != "TimeoutSeconds"}
    with pytest.raises(ValueError, match="only the data"):
        worst_case_seconds(machine({"A": state | {"TimeoutSecondsPath": "$.time"}}))


def test_a_turn_ends_within_four_minutes() -> None:
    assert worst_case_seconds(load_definition("turn")) <= 240
