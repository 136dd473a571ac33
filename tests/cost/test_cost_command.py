"""`supportmax cost` tells programs the shape that design §9 gives, and people the same figures."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli.cost import command

SHAPE = {"per_1000", "by_service", "idle_month", "model_per_1000", "operations", "prices_dated"}


def run_cost(*options: str) -> Result:
    return CliRunner().invoke(command, options)


def test_programs_get_one_object_of_the_agreed_shape() -> None:
    result = run_cost("--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert set(told) >= SHAPE
    assert set(told["per_1000"]) == {"auto_resolved", "escalated", "blended"}
    assert set(told["idle_month"]) == {"dev", "prod"}
    assert "bill_month" not in told


def test_a_number_of_tickets_gives_a_months_bill() -> None:
    told = json.loads(run_cost("--json", "--tickets-per-day", "10000").output)["bill_month"]
    assert told["tickets_per_day"] == 10_000
    assert sum(told["parts"].values()) == pytest.approx(told["total"], abs=1e-4)
    assert sum(told["by_service"].values()) == pytest.approx(told["total"], abs=1e-4)


def test_people_see_the_totals_the_goals_and_what_is_not_verified() -> None:
    shown = run_cost("--tickets-per-day", "500").output
    told = json.loads(run_cost("--json").output)
    for total in told["per_1000"].values():
        assert f"{total:.4f}" in shown
    assert "≤ 0.0200" in shown
    assert "at 500 tickets a day" in shown
    assert all(unit in shown.replace("\n", " ") for unit in told["unverified"])


@pytest.mark.parametrize("options", [("--tickets-per-day", "-1"), ("--cloud", "moon"), ("--tickets-per-day", "few")])
def test_what_makes_no_sense_is_refused_with_what_would(options: tuple[str, ...]) -> None:
    result = run_cost(*options)
    assert result.exit_code == 2
    assert options[0] in result.output
