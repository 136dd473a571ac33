"""docs/operations.md says of every alarm what to do, and of no other."""

from __future__ import annotations

import re

import pytest

from shared.manifest import FUNCTIONS
from stacks.alarms import TOLD_AT_ONCE, wanted
from stacks.config import read_config
from stacks.places import Place
from tests.architecture.sources import ROOT

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALARM = re.compile(r"^\| `([^`]+)`( \(dev\))? \|", re.MULTILINE)
EACH = "<function>"


def told() -> set[str]:
    """The alarms of the guide's table, one a function written out."""
    rows = {found[1] for found in ALARM.finditer(GUIDE.split("## Alarms on AWS")[1].split("\n## ")[0])}
    return {row.replace(EACH, function.name) for row in rows for function in FUNCTIONS}


def template(stage: str) -> set[str]:
    place = Place(read_config({"stage": stage}), "us-east-1")
    return {alarm.name for alarm in wanted(place)}


def test_the_guide_has_a_row_for_every_alarm_of_every_stage_and_no_other() -> None:
    assert told() == template("dev") | template("staging") | template("prod")


def test_the_guide_names_what_is_told_at_once() -> None:
    assert [event for event in TOLD_AT_ONCE if f"`{event}`" not in GUIDE] == []


@pytest.mark.parametrize("row", [line for line in GUIDE.splitlines() if ALARM.match(line)])
def test_every_row_says_what_to_do(row: str) -> None:
    assert all(cell.strip() for cell in row.strip("|").split("|"))
