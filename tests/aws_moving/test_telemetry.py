"""The lines of AwsTelemetry: few, short, and billed once."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.aws.clock import AwsClock
from adapters.aws.telemetry import LOST, MOST_FACTS, MOST_SERIES, NAMESPACE, AwsTelemetry
from tests.contract.aws_moving_backend import MOVING


@dataclass(frozen=True, slots=True)
class Place:
    out: io.StringIO
    telemetry: AwsTelemetry

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def place() -> Place:
    out = io.StringIO()
    return Place(out, AwsTelemetry(MOVING, AwsClock(), out=out))


def test_all_counts_of_an_invocation_are_one_line_with_the_stage_as_the_one_dimension(place: Place) -> None:
    for _ in range(3):
        place.telemetry.count("turns", outcome="resolved", channel="chat")
    place.telemetry.count("turns", 2, outcome="escalated", channel="email")
    place.telemetry.count("passages", 7)
    place.telemetry.flush()
    (line,) = place.lines()
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["stage"]],
            "Metrics": [{"Name": "turns", "Unit": "Count"}, {"Name": "passages", "Unit": "Count"}],
        }
    ]
    assert line == {
        "stage": "dev",
        "function": "",
        "by": {
            "turns": [
                {"channel": "chat", "outcome": "resolved", "n": 3},
                {"channel": "email", "outcome": "escalated", "n": 2},
            ]
        },
        "turns": 5,
        "passages": 7,
    }


def test_what_was_flushed_is_not_counted_again_and_nothing_is_no_line(place: Place) -> None:
    place.telemetry.count("turns")
    for _ in range(3):
        place.telemetry.flush()
    assert len(place.lines()) == 1


def test_a_fact_is_written_at_once_so_that_a_crash_does_not_take_it(place: Place) -> None:
    place.telemetry.fact("look_failed", kind="turn", conversation="c1", error="Unavailable")
    assert place.lines() == [
        {"fact": "look_failed", "function": "", "kind": "turn", "conversation": "c1", "error": "Unavailable"}
    ]


def test_a_flood_of_facts_is_counted_not_written(place: Place) -> None:
    for number in range(MOST_FACTS + 30):
        place.telemetry.fact("look_failed", n=number)
    place.telemetry.flush()
    *facts, counts = place.lines()
    assert len(facts) == MOST_FACTS
    assert counts[LOST] == 30
    place.telemetry.fact("look_failed")
    assert len(place.lines()) == MOST_FACTS + 2


def test_a_flood_of_dimensions_makes_no_more_lines_nor_metrics(place: Place) -> None:
    for number in range(MOST_SERIES + 30):
        place.telemetry.count("turns", tenant=f"t{number}")
    place.telemetry.flush()
    (line,) = place.lines()
    assert (line["turns"], line[LOST]) == (MOST_SERIES, 30)
    assert len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]) == 2


@pytest.mark.parametrize("name", ["", "stage", "function", "by", "_aws", "two words", "ann@example.com", "x" * 65])
def test_a_name_that_no_metric_may_have_is_lost_and_said(place: Place, name: str) -> None:
    place.telemetry.count(name)
    place.telemetry.flush()
    assert place.lines()[0][LOST] == 1


def test_l2_a_log_that_cannot_be_written_fails_nobody() -> None:
    closed = io.StringIO()
    closed.close()
    telemetry = AwsTelemetry(MOVING, AwsClock(), out=closed)
    telemetry.fact("turn_failed")
    telemetry.count("turns")
    telemetry.flush()


def test_l2_what_is_no_number_is_lost(place: Place) -> None:
    odd: Any = "many"
    place.telemetry.count("turns", odd)
    place.telemetry.count("turns", 2)
    place.telemetry.flush()
    assert (place.lines()[0]["turns"], place.lines()[0][LOST]) == (2, 1)


def test_it_writes_to_standard_output_where_lambda_looks(capsys: pytest.CaptureFixture[str]) -> None:
    AwsTelemetry(MOVING, AwsClock()).fact("turn_failed", error="Unavailable")
    assert json.loads(capsys.readouterr().out) == {"fact": "turn_failed", "function": "", "error": "Unavailable"}


def test_the_line_of_a_usual_turn_is_short(place: Place) -> None:
    place.telemetry.count("turns", outcome="resolved", channel="chat", brain="playbook")
    place.telemetry.flush()
    assert len(place.out.getvalue()) < 400
