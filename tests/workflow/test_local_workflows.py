"""The embedded engine keeps W1 to W4, also when the process dies between any two tasks."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.local.workflows import LocalWorkflows
from shared import errors
from shared.workflow.definitions import load_definition
from tests.workflow.builders import ask_operator, catch, each, machine, parallel, pass_on, retry, safe_task, task, wait
from tests.workflow.playing import NAME
from tests.workflow.ports import CountedIds, HandClock
from tests.workflow.scenario import ECHO, Raises, Scenario
from tests.workflow.scenarios import SCENARIOS

Invoke = Callable[[str, Any], Any]


class PowerCut(BaseException):
    """The process dies here."""


class Handlers:
    """Scripted handlers: what each was called with, and the call at which the power is cut."""

    def __init__(self, answers: dict[str, list[Any]], *, clock: HandClock, dies_at: int | None = None) -> None:
        self.answers, self.clock, self.dies_at = answers, clock, dies_at
        self.calls: list[tuple[str, Any]] = []

    def __call__(self, resource: str, given: Any) -> Any:
        self.calls.append((resource, given))
        if len(self.calls) == self.dies_at:
            raise PowerCut
        answers = self.answers[resource]
        answer = answers[min(self.counts[resource], len(answers)) - 1]
        if answer is ECHO:
            return given
        if isinstance(answer, Raises):
            self.fail(answer.error)
        return answer

    def fail(self, error: str) -> None:
        """Raise by name; for a timeout, answer too late."""
        if error == "States.Timeout":
            self.clock.sleep(3_600)
            return
        raise type(error, (Exception,), {})

    @property
    def counts(self) -> Counter[str]:
        return Counter(resource for resource, _ in self.calls)

    @property
    def tokens(self) -> list[str]:
        return [given["token"] for resource, given in self.calls if resource == "escalation.page"]


class House:
    """A folder with an engine that can die and come back."""

    def __init__(self, folder: Path, definition: dict[str, Any]) -> None:
        self.folder, self.definition = folder, definition
        self.clock, self.ids = HandClock(), CountedIds()
        self.opened: list[LocalWorkflows] = []

    def open(self, invoke: Invoke) -> LocalWorkflows:
        engine = LocalWorkflows(
            self.folder, invoke=invoke, clock=self.clock, ids=self.ids, definition_of=lambda _: self.definition
        )
        self.opened.append(engine)
        return engine

    def handlers(self, answers: dict[str, list[Any]], *, dies_at: int | None = None) -> Handlers:
        return Handlers(answers, clock=self.clock, dies_at=dies_at)

    def begin(self, answers: dict[str, list[Any]], payload: Any) -> tuple[LocalWorkflows, Handlers]:
        handlers = self.handlers(answers)
        engine = self.open(handlers)
        engine.start("escalation", NAME, payload)
        return engine, handlers


@pytest.fixture
def house(tmp_path: Path) -> Any:
    houses: list[House] = []

    def build(definition: dict[str, Any]) -> House:
        houses.append(House(tmp_path, definition))
        return houses[-1]

    yield build
    for built in houses:
        for engine in built.opened:
            engine.close()


RUNS_BY_ITSELF = [scenario for scenario in SCENARIOS if not scenario.name.startswith(("nobody", "a token", "the data"))]


@pytest.mark.parametrize("scenario", RUNS_BY_ITSELF, ids=lambda scenario: scenario.name)
def test_the_engine_ends_as_the_table_says(house: Any, scenario: Scenario) -> None:
    built = house(scenario.definition)
    engine, handlers = built.begin(scenario.answers, scenario.payload)
    run_to_the_end(engine, built.clock)
    outcome = engine.outcome("escalation", NAME)
    assert engine.status("escalation", NAME) == scenario.status
    assert (outcome if scenario.status == "succeeded" else outcome["error"]) == scenario.result
    assert handlers.counts == scenario.tasks


def run_to_the_end(engine: LocalWorkflows, clock: HandClock) -> None:
    for _ in range(100):
        engine.resume_all()
        if engine.status("escalation", NAME) != "running":
            return
        clock.sleep(10)
        engine.fire_due(clock.now())
    raise AssertionError("still running")


def a_busy_machine() -> dict[str, Any]:
    """Eleven calls: a chain, two branches, three items, a retry and a caught failure."""
    return machine(
        {
            "A": task("a.one", "P", ResultPath="$.a"),
            "P": parallel(machine(safe_task("p.left")), machine(safe_task("p.right")), to="M", ResultPath="$.p"),
            "M": each(safe_task("m.item"), to="R", ItemsPath="$.items", ResultPath="$.m"),
            "R": task("r.flaky", "C", Retry=retry("Flaky"), ResultPath="$.r"),
            "C": task("c.broken", "Z", Catch=[catch("States.ALL", to="Z")], ResultPath="$.c"),
            "Z": task("z.last", ResultPath="$.z"),
        }
    )


BUSY = {
    "a.one": [1], "p.left": [2], "p.right": [3], "m.item": [ECHO], "r.flaky": [Raises("Flaky"), 4],
    "c.broken": [Raises("Broken")], "z.last": [5],
}  # fmt: skip
BUSY_OUTPUT = {
    "items": [7, 8, 9], "a": 1, "p": [2, 3], "m": [7, 8, 9], "r": 4, "failure": {"Error": "Broken", "Cause": ""}, "z": 5,
}  # fmt: skip
BUSY_CALLS = 10


@pytest.mark.parametrize("dies_at", range(1, BUSY_CALLS + 1))
def test_after_a_power_cut_no_answered_task_is_called_again(house: Any, dies_at: int) -> None:
    built = house(a_busy_machine())
    dying = built.handlers(BUSY, dies_at=dies_at)
    engine = built.open(dying)
    engine.start("turn", NAME, {"items": [7, 8, 9]})
    with pytest.raises(PowerCut):
        engine.drive("turn", NAME, sleep=built.clock.sleep)

    living = built.handlers(BUSY)
    living.calls = dying.calls[:-1]
    fresh = built.open(living)
    assert fresh.ready() == [("turn", NAME)]
    fresh.resume_all(sleep=built.clock.sleep)
    assert fresh.outcome("turn", NAME) == BUSY_OUTPUT
    assert len(living.calls) == BUSY_CALLS


def test_a_name_starts_once_whatever_it_is_given(house: Any) -> None:
    built = house(machine({"A": task("a.b")}))
    engine, handlers = built.begin({"a.b": [ECHO]}, {"n": 1})
    engine.start("escalation", NAME, {"n": 2})
    engine.resume_all()
    engine.start("escalation", NAME, {"n": 3})
    engine.resume_all()
    assert handlers.calls == [("a.b", {"n": 1})]
    assert engine.drive("escalation", NAME) == "succeeded"


def test_both_machines_may_use_a_name(house: Any) -> None:
    engine, _ = house(machine({"A": pass_on()})).begin({}, {"n": 1})
    engine.start("turn", NAME, {"n": 2})
    engine.resume_all()
    assert engine.outcome("turn", NAME) == {"n": 2}
    assert engine.outcome("escalation", NAME) == {"n": 1}


def test_an_unknown_execution_is_absent(house: Any) -> None:
    engine, _ = house(machine({"A": pass_on()})).begin({}, {})
    assert engine.status("turn", "nobody") == engine.drive("turn", "nobody") == "absent"
    assert engine.outcome("turn", "nobody") is None


def test_an_unknown_machine_is_refused(tmp_path: Path) -> None:
    engine = LocalWorkflows(tmp_path, invoke=lambda *_: None, clock=HandClock(), ids=CountedIds())
    with pytest.raises(errors.NotFound):
        engine.start("dance", NAME, {})
    engine.close()


def test_a_token_wakes_its_state_once(house: Any) -> None:
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
def test_a_token_that_was_never_given_out_wakes_nothing(house: Any, token: str) -> None:
    engine, _ = house(machine({"Ask": ask_operator()})).begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    assert engine.send_task_success(token, {}) is False


def test_a_waiting_execution_survives_and_is_not_paged_again(house: Any) -> None:
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


def test_an_answer_during_the_page_counts(house: Any) -> None:
    built = house(machine({"Ask": ask_operator()}))

    def answer_at_once(_: str, given: Any) -> None:
        assert engine.send_task_success(given["token"], {"quick": True})

    engine = built.open(answer_at_once)
    engine.start("turn", NAME, {"id": 1})
    assert engine.drive("turn", NAME) == "succeeded"
    assert engine.outcome("turn", NAME) == {"quick": True}


def test_a_rung_that_nobody_answers_in_time_moves_on(house: Any) -> None:
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


def test_an_answered_rung_has_no_timer_left(house: Any) -> None:
    built = house(machine({"Ask": ask_operator("Wait"), "Wait": wait(Seconds=600)}))
    engine, handlers = built.begin({"escalation.page": [None]}, {"id": 1})
    engine.resume_all()
    assert engine.send_task_success(handlers.tokens[0], {})
    engine.resume_all()
    assert engine.due(built.clock.now() + 599_999) == []
    assert engine.due(built.clock.now() + 600_000) == [("escalation", NAME)]


def test_a_timer_keeps_its_time_when_the_process_comes_back(house: Any) -> None:
    built = house(machine({"W": wait(Seconds=60)}))
    engine, _ = built.begin({}, {})
    engine.resume_all()
    built.clock.sleep(30)
    fresh = built.open(built.handlers({}))
    fresh.drive("escalation", NAME)
    assert fresh.due(built.clock.now() + 30_000) == [("escalation", NAME)]


def test_short_waits_are_slept_through_where_the_caller_can(house: Any) -> None:
    built = house(machine({"A": task("a.b", "W", Retry=retry("Flaky", interval=2)), "W": wait(Seconds=60)}))
    engine, handlers = built.begin({"a.b": [Raises("Flaky"), 1]}, {})
    began = built.clock.now()
    assert engine.drive("escalation", NAME, sleep=built.clock.sleep) == "running"
    assert built.clock.now() == began + 2_000
    assert len(handlers.calls) == 2


def test_jitter_waits_no_longer_than_without(house: Any) -> None:
    built = house(machine({"A": task("a.b", Retry=retry("Flaky", interval=4, JitterStrategy="FULL"))}))
    engine, _ = built.begin({"a.b": [Raises("Flaky"), 1]}, {})
    engine.resume_all()
    assert engine.due(built.clock.now() + 4_000) == [("escalation", NAME)]


def test_an_error_of_ours_is_known_by_its_class(house: Any) -> None:
    built = house(
        machine(
            {"A": task("a.b", Retry=retry("Throttled", attempts=1), Catch=[catch("Unavailable")]), "Caught": pass_on()}
        )
    )
    raised = iter([errors.Throttled("slow down"), errors.Unavailable("the secret of a customer")])

    def fail(_: str, __: Any) -> None:
        raise next(raised)

    engine = built.open(fail)
    engine.start("turn", NAME, {})
    engine.drive("turn", NAME, sleep=built.clock.sleep)
    assert engine.outcome("turn", NAME) == {"failure": {"Error": "Unavailable", "Cause": ""}}


def test_an_answer_that_is_no_json_is_a_failure(house: Any) -> None:
    built = house(machine({"A": task("a.b")}))
    engine = built.open(lambda *_: {1, 2})
    engine.start("turn", NAME, {})
    assert engine.drive("turn", NAME) == "failed"
    assert engine.outcome("turn", NAME) == {"error": "TypeError", "cause": ""}


def test_two_drivers_of_one_execution_do_not_meet(house: Any) -> None:
    built = house(machine({"A": task("a.b")}))
    seen: list[str] = []

    def drive_again(_: str, __: Any) -> dict[str, Any]:
        seen.append(engine.drive("turn", NAME))
        assert engine.ready() == []
        return {}

    engine = built.open(drive_again)
    engine.start("turn", NAME, {})
    assert engine.drive("turn", NAME) == "succeeded"
    assert seen == ["running"]


def test_a_second_process_that_was_faster_is_read_not_overwritten(house: Any) -> None:
    built = house(machine({"A": task("a.b", "B", ResultPath="$.a"), "B": task("a.b", ResultPath="$.b")}))
    fast = built.open(built.handlers({"a.b": ["fast"]}))
    turns = iter([True, False])

    def slow(_: str, __: Any) -> str:
        if next(turns):
            fast.drive("turn", NAME)
        return "slow"

    engine = built.open(slow)
    engine.start("turn", NAME, {})
    engine.drive("turn", NAME)
    assert engine.outcome("turn", NAME) == {"a": "fast", "b": "fast"}


def test_an_answer_just_before_the_execution_rests_is_not_missed(house: Any) -> None:
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


def test_a_branch_that_was_stopped_has_no_timer_left(house: Any) -> None:
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


def test_a_finished_execution_leaves_one_small_row(house: Any, tmp_path: Path) -> None:
    built = house(a_busy_machine())
    engine = built.open(built.handlers(BUSY))
    engine.start("turn", NAME, {"items": [7, 8, 9]})
    engine.drive("turn", NAME, sleep=built.clock.sleep)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal:
        left = [
            journal.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("executions", "events", "timers")
        ]
    assert left == [1, 0, 0]
    assert engine.prune(built.clock.now()) == 0
    assert engine.prune(built.clock.now() + 1) == 1
    assert engine.status("turn", NAME) == "absent"


def test_the_real_workflows_load_and_name_their_handlers() -> None:
    assert load_definition("turn")["StartAt"]
    assert load_definition("escalation") is load_definition("escalation")
