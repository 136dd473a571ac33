"""The embedded engine waits: tokens wake their state once (W3), timers survive the process (W2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.local.workflows import LocalWorkflows
from tests.workflow.builders import ask_operator, catch, machine, parallel, pass_on, wait
from tests.workflow.house import houses_in
from tests.workflow.playing import NAME
from tests.workflow.ports import HandClock

House = Callable[[dict[str, Any]], Any]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses_in(tmp_path)


def test_a_token_wakes_its_state_once(house: House) -> None:
    built = house(machine({"Ask": ask_operator("Ask again"), "Ask again": ask_operator(Parameters=ASK_CONSTANT)}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})
    assert engine.drive("escalation", NAME) == "running"
    assert engine.ready() == []
    assert engine.send_task_success(handlers.tokens[0], {"id": 2}) is True
    assert engine.send_task_success(handlers.tokens[0], {"id": 3}) is False
    assert engine.ready() == [("escalation", NAME)]
    engine.resume_all()
    assert engine.send_task_success(handlers.tokens[0], {"id": 4}) is False
    assert engine.ready() == []
    assert engine.send_task_success(handlers.tokens[1], {"said": "yes"}) is True
    engine.resume_all()
    assert engine.outcome("escalation", NAME) == {"said": "yes"}
    assert engine.send_task_success(handlers.tokens[1], {}) is False
    assert len(handlers.calls) == 2


ASK_CONSTANT = {"FunctionName": "escalation.page", "Payload": {"token.$": "$$.Task.Token"}}


@pytest.mark.parametrize(
    "token", ["", "#", "turn|x|y#1", f"escalation|{NAME}|w2#1", f"escalation|{NAME}|w1#9", "x" * 500]
)
def test_a_token_that_was_never_given_out_wakes_nothing(house: House, token: str) -> None:
    engine, _ = house(machine({"Ask": ask_operator()})).begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    assert engine.send_task_success(token, {}) is False


def test_a_waiting_execution_survives_and_is_not_paged_again(house: House) -> None:
    built = house(machine({"Ask": ask_operator()}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    later = built.handlers({})
    fresh = built.open(later)
    fresh.resume_all()
    assert fresh.drive("escalation", NAME) == "running"
    assert fresh.send_task_success(handlers.tokens[0], {"n": 5}) is True
    fresh.resume_all()
    assert fresh.outcome("escalation", NAME) == {"n": 5}
    assert later.calls == []


def test_an_answer_during_the_page_counts(house: House) -> None:
    built = house(machine({"Ask": ask_operator()}))

    def answer_at_once(_: str, given: Any) -> None:
        assert engine.send_task_success(given["token"], {"quick": True})

    engine = built.open(answer_at_once)
    engine.start("turn", NAME, {"id": 1})
    assert engine.drive("turn", NAME) == "succeeded"
    assert engine.outcome("turn", NAME) == {"quick": True}


def test_a_rung_that_nobody_answers_in_time_moves_on(house: House) -> None:
    late = [catch("States.Timeout", to="Late")]
    built = house(machine({"Ask": ask_operator("Late", Catch=late), "Late": pass_on()}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    assert engine.due(built.clock.now() + 59_999) == []
    built.clock.sleep(60)
    assert engine.due(built.clock.now()) == [("escalation", NAME)]
    assert engine.fire_due(built.clock.now()) == [("escalation", NAME)]
    assert engine.fire_due(built.clock.now()) == []
    assert engine.send_task_success(handlers.tokens[0], {}) is False
    engine.resume_all()
    assert engine.outcome("escalation", NAME) == {"id": 1, "failure": {"Error": "States.Timeout", "Cause": ""}}


def test_an_answered_rung_has_no_timer_left(house: House) -> None:
    built = house(machine({"Ask": ask_operator("Wait"), "Wait": wait(Seconds=600)}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    assert engine.send_task_success(handlers.tokens[0], {})
    engine.resume_all()
    assert engine.due(built.clock.now() + 599_999) == []
    assert engine.due(built.clock.now() + 600_000) == [("escalation", NAME)]


def test_a_timer_keeps_its_time_when_the_process_comes_back(house: House) -> None:
    built = house(machine({"W": wait(Seconds=60)}))
    engine, _ = built.begin({}, {})
    engine.resume_all()
    built.clock.sleep(30)
    fresh = built.open(built.handlers({}))
    fresh.drive("escalation", NAME)
    assert fresh.due(built.clock.now() + 30_000) == [("escalation", NAME)]


def test_an_answer_just_before_the_execution_rests_is_not_missed(house: House) -> None:
    built = house(machine({"Ask": ask_operator()}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})

    class LastMoment(HandClock):
        """Something comes in while the timers are being worked out."""

        def now(self) -> int:
            if engine.status("escalation", NAME) == "running":
                engine.send_task_success(handlers.tokens[0], {"last": "moment"})
            return super().now()

    slow = LocalWorkflows(
        built.folder, invoke=handlers, clock=LastMoment(), ids=built.ids, definition_of=lambda _: built.definition
    )
    built.opened.append(slow)
    assert slow.drive("escalation", NAME) == "succeeded"
    assert slow.outcome("escalation", NAME) == {"last": "moment"}


def test_a_branch_that_was_stopped_has_no_timer_left(house: House) -> None:
    failing = machine({"Soon": wait("Broken", Seconds=10), "Broken": {"Type": "Fail", "Error": "Broken"}})
    both = parallel(machine({"Ask": ask_operator()}), failing, to="Wait", Catch=[catch("Broken", to="Wait")])
    built = house(machine({"Both": both, "Wait": wait(Seconds=600)}))
    engine, _ = built.begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    built.clock.sleep(10)
    engine.fire_due(built.clock.now())
    engine.resume_all()
    assert engine.due(built.clock.now() + 599_999) == []
    assert engine.due(built.clock.now() + 600_000) == [("escalation", NAME)]
