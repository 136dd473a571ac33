"""adapters/aws/operations.json is what the deployed templates ask for on moto today, and holds design §4."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.aws.cost_model import STAGES, read_model
from benchmarks.operations import FILE, Goal, measure, read_file, stands
from shared.manifest import FUNCTIONS
from stacks.functions import MEMORY, MEMORY_BY_TRIGGER

LOGS = 0.05  # the share by which bytes of logs may differ: ids and times have no fixed length


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Any], list[Goal]]:
    return measure(rounds=1)


@pytest.mark.timeout(120)
def test_the_file_says_what_is_counted_now(measured: tuple[dict[str, Any], list[Goal]]) -> None:
    now, kept = measured[0]["counted"], read_file()["counted"]
    assert set(now) == set(kept)
    for kind, row in kept.items():
        again = f"{kind}: run `python -m benchmarks.operations --write`"
        assert now[kind]["transitions"] == row["transitions"], again
        logs = row["units"].pop("logs.byte", 0)
        assert now[kind]["units"].pop("logs.byte", 0) == pytest.approx(logs, rel=LOGS), again
        assert now[kind]["units"] == row["units"], again
        assert calls(now[kind]) == calls(row), again


def test_a_ticket_by_chat_holds_the_operations_of_the_design(measured: tuple[dict[str, Any], list[Goal]]) -> None:
    assert [goal for goal in measured[1] if goal.counted > goal.at_most] == []


def calls(row: dict[str, Any]) -> dict[str, tuple[int, dict[str, int]]]:
    """Everything of the functions but their time, which no two runs share."""
    return {name: (work["calls"], work["waits"]) for name, work in row["functions"].items()}


@pytest.mark.parametrize("stage", STAGES)
def test_what_stands_by_the_month_is_what_the_stacks_make(stage: str) -> None:
    assert read_file()["standing"][stage] == stands(stage)


def test_every_function_has_the_memory_that_the_stacks_give_it() -> None:
    timing = read_model().assumed.timing
    for function in FUNCTIONS:
        assert timing.memory_of(function.name) == MEMORY_BY_TRIGGER.get(function.trigger, MEMORY), function.name


def test_the_file_is_not_written_by_hand() -> None:
    assert "benchmarks.operations" in read_file()["how"]
    assert FILE.is_file()
