"""The embedded engine keeps W1 to W4, also when the process dies between any two tasks."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.local.workflows import LocalWorkflows
from shared import errors
from shared.workflow.definitions import load_definition
from tests.workflow.builders import catch, each, machine, parallel, pass_on, retry, safe_task, task, wait
from tests.workflow.house import PowerCut, houses_in
from tests.workflow.playing import NAME
from tests.workflow.ports import CountedIds, HandClock
from tests.workflow.scenario import ECHO, Raises, Scenario
from tests.workflow.scenarios import SCENARIOS

House = Callable[[dict[str, Any]], Any]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses_in(tmp_path)


RUNS_BY_ITSELF = [scenario for scenario in SCENARIOS if not scenario.name.startswith(("nobody", "a token", "the data"))]


@pytest.mark.parametrize("scenario", RUNS_BY_ITSELF, ids=lambda scenario: scenario.name)
def test_the_engine_ends_as_the_table_says(house: House, scenario: Scenario) -> None:
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
def test_after_a_power_cut_no_answered_task_is_called_again(house: House, dies_at: int) -> None:
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


def test_a_name_starts_once_whatever_it_is_given(house: House) -> None:
    built = house(machine({"A": task("a.b")}))
    engine, handlers = built.begin({"a.b": [ECHO]}, {"n": 1})
    engine.start("escalation", NAME, {"n": 2})
    engine.resume_all()
    engine.start("escalation", NAME, {"n": 3})
    engine.resume_all()
    assert handlers.calls == [("a.b", {"n": 1})]
    assert engine.drive("escalation", NAME) == "succeeded"


def test_both_machines_may_use_a_name(house: House) -> None:
    engine, _ = house(machine({"A": pass_on()})).begin({}, {"n": 1})
    engine.start("turn", NAME, {"n": 2})
    engine.resume_all()
    assert engine.outcome("turn", NAME) == {"n": 2}
    assert engine.outcome("escalation", NAME) == {"n": 1}


def test_an_unknown_execution_is_absent(house: House) -> None:
    engine, _ = house(machine({"A": pass_on()})).begin({}, {})
    assert engine.status("turn", "nobody") == engine.drive("turn", "nobody") == "absent"
    assert engine.outcome("turn", "nobody") is None


def test_an_unknown_machine_is_refused(tmp_path: Path) -> None:
    engine = LocalWorkflows(tmp_path, invoke=lambda *_: None, clock=HandClock(), ids=CountedIds())
    with pytest.raises(errors.NotFound):
        engine.start("dance", NAME, {})
    engine.close()


def test_short_waits_are_slept_through_where_the_caller_can(house: House) -> None:
    built = house(machine({"A": task("a.b", "W", Retry=retry("Flaky", interval=2)), "W": wait(Seconds=60)}))
    engine, handlers = built.begin({"a.b": [Raises("Flaky"), 1]}, {})
    began = built.clock.now()
    assert engine.drive("escalation", NAME, sleep=built.clock.sleep) == "running"
    assert built.clock.now() == began + 2_000
    assert len(handlers.calls) == 2


def test_jitter_waits_no_longer_than_without(house: House) -> None:
    built = house(machine({"A": task("a.b", Retry=retry("Flaky", interval=4, JitterStrategy="FULL"))}))
    engine, _ = built.begin({"a.b": [Raises("Flaky"), 1]}, {})
    engine.resume_all()
    assert engine.due(built.clock.now() + 4_000) == [("escalation", NAME)]


def test_an_error_of_ours_is_known_by_its_class(house: House) -> None:
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


def test_an_answer_that_is_no_json_is_a_failure(house: House) -> None:
    built = house(machine({"A": task("a.b")}))
    engine = built.open(lambda *_: {1, 2})
    engine.start("turn", NAME, {})
    assert engine.drive("turn", NAME) == "failed"
    assert engine.outcome("turn", NAME) == {"error": "TypeError", "cause": ""}


def test_two_drivers_of_one_execution_do_not_meet(house: House) -> None:
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


def test_a_second_process_that_was_faster_is_read_not_overwritten(house: House) -> None:
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


def test_a_finished_execution_leaves_one_small_row(house: House, tmp_path: Path) -> None:
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


KILLED = """
import os, signal, sys
from pathlib import Path
from adapters.local.workflows import LocalWorkflows
from tests.workflow.ports import CountedIds, HandClock
from tests.workflow.test_local_workflows import a_busy_machine

calls = []

def invoke(resource, given):
    calls.append(resource)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return given

engine = LocalWorkflows(
    Path(sys.argv[1]), invoke=invoke, clock=HandClock(), ids=CountedIds(), definition_of=lambda _: a_busy_machine()
)
engine.start("turn", "killed", {"items": [7, 8, 9]})
engine.drive("turn", "killed")
"""


def test_a_killed_process_goes_on_where_it_was(house: House, tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    built = house(a_busy_machine())
    handlers = built.handlers(BUSY | {"r.flaky": [4]})
    engine = built.open(handlers)
    engine.resume_all()
    assert engine.status("turn", "killed") == "succeeded"
    assert [resource for resource, _ in handlers.calls][:2] == ["m.item", "m.item"]
    assert len(handlers.calls) == 6


def test_threads_share_an_engine(house: House) -> None:
    built = house(a_busy_machine())
    engine = built.open(lambda resource, given: given if resource == "m.item" else 1)
    names = [f"{NAME}-{number}" for number in range(20)]

    def work(name: str) -> str:
        engine.start("turn", name, {"items": [7]})
        return str(engine.drive("turn", name, sleep=built.clock.sleep))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, names)) == ["succeeded"] * len(names)
    assert engine.ready() == []
