"""The scenario table and the shipped machines end on moto's Step Functions as they do on the core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from shared.workflow.definitions import handlers, load_definition
from tests.aws.interpreter import Interpreter, Played, open_interpreter
from tests.workflow.playing import Script, play
from tests.workflow.scenario import TIMES_OUT, Raises, Scenario
from tests.workflow.scenarios import SCENARIOS
from tests.workflow.test_shipped import TURN, any_answers, done


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Interpreter]:
    with open_interpreter() as opened:
        yield opened


EVERYWHERE = [scenario for scenario in SCENARIOS if scenario.everywhere]


@pytest.mark.parametrize("scenario", EVERYWHERE, ids=lambda scenario: scenario.name)
def test_step_functions_end_as_the_table_says(interpreter: Interpreter, scenario: Scenario) -> None:
    played = interpreter.play(scenario.definition, scenario.payload, scenario.answers)
    expected = Played(scenario.status, scenario.result, Counter(scenario.tasks), scenario.waits)
    assert without_causes(played) == expected


@pytest.mark.parametrize("broken", handlers("turn"))
def test_the_turn_ends_as_on_the_core_whichever_handler_breaks(interpreter: Interpreter, broken: str) -> None:
    assert_plays_alike(interpreter, "turn", TURN, any_answers() | {broken: [Raises("KeyError")]})


MOVED = [done(result="moved", next=TURN), done(result="committed")]
WAYS: dict[str, dict[str, list[Any]]] = {
    "goes well": {},
    "has to ask": {"orchestrator.understand": [done(gate="clarify")]},
    "is to be set aside": {"orchestrator.understand": [done(gate="ignore")]},
    "is meant for a person": {"orchestrator.plan": [done(route="operator")]},
    "needs an approval": {"orchestrator.combine": [done(outcome="escalate")]},
    "is overtaken by a message": {"reply.send": MOVED},
    "waits for what is throttled": {"billing.work": [Raises("Throttled"), Raises("Conflict"), done()]},
    "has a specialist who never answers": {
        "orchestrator.plan": [done(route="specialists", assignments=[{"handler": "sales"}])],
        "sales.work": [TIMES_OUT],
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_turn_that_goes_this_way_ends_as_on_the_core(interpreter: Interpreter, way: str) -> None:
    assert_plays_alike(interpreter, "turn", TURN, any_answers() | WAYS[way])


ESCALATION = {"tenant": "demo", "conversation": "c-1", "escalation": 1}
FIRST, SECOND = (done(state="assigned", rung=rung, operator="mira", timeout=900) for rung in (0, 1))
DECIDED: dict[str, list[Any]] = {
    "escalation.assign": [FIRST, SECOND], "escalation.page": [{}], "escalation.resume": [done(state="decided")],
}  # fmt: skip
ESCALATIONS: dict[str, dict[str, list[Any]]] = {
    "answered": {},
    "timed out twice, then answered": {"escalation.page": [TIMES_OUT, TIMES_OUT, {}]},
    "decided before anybody was asked": {"escalation.assign": [done(state="closed")]},
    "woken for nothing": {"escalation.resume": [done(state="waiting"), done(state="decided")]},
    "assigned at the second attempt": {"escalation.assign": [Raises("Throttled"), FIRST]},
    "assigned after a minute": {"escalation.assign": [Raises("KeyError"), FIRST]},
    "paged after a minute": {"escalation.page": [Raises("Unavailable"), {}]},
    "resumed after a minute": {"escalation.resume": [Raises("KeyError"), done(state="decided")]},
}


@pytest.mark.parametrize("way", ESCALATIONS)
def test_an_escalation_that_is_this_ends_as_on_the_core(interpreter: Interpreter, way: str) -> None:
    assert_plays_alike(interpreter, "escalation", ESCALATION, DECIDED | ESCALATIONS[way])


def assert_plays_alike(interpreter: Interpreter, machine: str, payload: Any, answers: dict[str, list[Any]]) -> None:
    script = Script(answers)
    core = play(load_definition(machine), payload, script)
    found = without_causes(interpreter.play(load_definition(machine), payload, answers))
    assert found == Played(core.state["status"], core.result, script.calls, core.waits)


def without_causes(played: Played) -> Played:
    """Step Functions tells a cause, which no machine reads (design §4)."""
    return Played(played.status, _blank(played.result), played.tasks, played.waits)


def _blank(value: Any) -> Any:
    if isinstance(value, list):
        return [_blank(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _blank(each) for name, each in value.items()}
    return kept | {"Cause": ""} if "Error" in kept else kept
