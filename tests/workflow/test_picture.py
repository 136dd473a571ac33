"""The picture shows every state and every way, in few words."""

from __future__ import annotations

import re

import pytest

from shared.workflow.definitions import MACHINES, load_definition
from shared.workflow.graph import nexts, walk
from shared.workflow.picture import draw
from tests.workflow.builders import (
    ask_operator,
    catch,
    choice,
    each,
    given,
    machine,
    parallel,
    pass_on,
    safe_task,
    task,
)

SMALL = machine(
    {
        "Ask": ask_operator("Enough?", Catch=[catch("States.Timeout", to="Died"), catch("States.ALL", to="Died")]),
        "Enough?": choice(
            {**given("$.sent.result", "StringEquals", "moved"), "Next": "Work"},
            {**given("$.sent.score", "NumericGreaterThanEquals", 8500), "Next": "Work"},
            {**given("$.sure", "BooleanEquals", False), "Next": "Each"},
            default="Died",
        ),
        "Work": parallel(machine(safe_task("a.b")), machine({"B": pass_on()}), to="Each"),
        "Each": each({"C": task("c.d", Catch=[catch("States.ALL", to="D")]), "D": pass_on()}),
        "Died": {"Type": "Fail", "Error": "TurnDied"},
    }
)


@pytest.mark.parametrize(
    "line",
    [
        's1["Ask<br/><small>escalation.page, waits for its token</small>"]',
        's2{{"Enough?"}}',
        's2 -- "moved or score ≥ 8500" --> s3',
        's2 -- "not sure" --> s7',
        's2 -- "else" --> s10',
        'subgraph s3["Work (at the same time)"]',
        'subgraph s7["Each (for each item)"]',
        's1 -. "timeout" .-> s10',
        's1 -. "fails" .-> s10',
        's10(["Died<br/><small>TurnDied</small>"])',
        "s3 --> s7",
    ],
)
def test_a_line_of_the_picture(line: str) -> None:
    assert line in [drawn.strip() for drawn in draw(SMALL).splitlines()]


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_drawn_once(name: str) -> None:
    definition = load_definition(name)
    drawn = re.findall(r"^ *(?:subgraph )?(s\d+)[\[{(]", draw(definition), re.MULTILINE)
    assert len(drawn) == len(set(drawn)) == len(list(walk(definition)))


@pytest.mark.parametrize("name", MACHINES)
def test_every_way_is_drawn(name: str) -> None:
    definition = load_definition(name)
    ways = sum(len(nexts({**node.state, "Catch": ()})) for node in walk(definition))
    assert len(re.findall(r" -->", draw(definition))) == ways


def test_marks_of_the_language_are_written_out() -> None:
    assert '"Say #quot;a &lt; b#quot;"' in draw(machine({'Say "a < b"': pass_on()}))
