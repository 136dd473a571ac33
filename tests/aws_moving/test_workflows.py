"""What AwsWorkflows asks of Step Functions; moto knows no Express, and no limit on names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.aws.workflows import AwsWorkflows, execution_arn, execution_name
from shared.errors import InvalidInput, Misconfigured, TooLarge, Unsupported
from tests.contract.aws_backend import requests_of
from tests.contract.aws_machines import AwsEngine, open_engine
from tests.contract.machines import any_execution, any_payload

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:supportmax-dev-turn"


@pytest.fixture(scope="module")
def engine() -> Iterator[AwsEngine]:
    with open_engine() as engine:
        yield engine


def test_a_start_is_one_request_that_names_the_execution(engine: AwsEngine) -> None:
    name = any_execution()
    with requests_of(engine.clients, "stepfunctions") as asked:
        engine.workflows.start("turn", name, {"n": 1, "timeout": 9, "who": "é"})
    arn = engine.settings.turn_machine
    assert asked == [
        ("StartExecution", {"stateMachineArn": arn, "name": name, "input": '{"n":1,"timeout":9,"who":"é"}'})
    ]


def test_w1_a_name_that_is_taken_with_another_input_is_a_success(engine: AwsEngine) -> None:
    name = any_execution()
    for n in (1, 2):
        engine.workflows.start("turn", name, any_payload(n))
    assert engine.workflows.status("turn", name) == "running"


def test_the_status_of_an_express_execution_is_unsupported_and_of_an_escalation_is_not(engine: AwsEngine) -> None:
    express = AwsWorkflows(engine.clients, replace(engine.settings, turns="express"))
    name = any_execution()
    express.start("turn", name, any_payload())
    with pytest.raises(Unsupported, match="Express"):
        express.status("turn", name)
    assert express.status("escalation", name) == "absent"


@settings(deadline=None)
@given(st.text())
def test_every_name_is_one_that_step_functions_takes(name: str) -> None:
    made = execution_name(name)
    assert re.fullmatch("[A-Za-z0-9-_]{1,80}", made)
    assert made == execution_name(name)


def test_a_legal_name_is_readable_in_the_console_and_any_other_is_its_own() -> None:
    assert execution_name("c0ffee-3-1") == "c0ffee-3-1"
    assert len({execution_name(name) for name in ("", "a|b", "a/b", "ab" * 41, "é")}) == 5


@pytest.mark.parametrize("suffix", ["", ":live", ":7"])
def test_an_execution_belongs_to_the_machine_whatever_alias_started_it(suffix: str) -> None:
    expected = "arn:aws:states:eu-central-1:123456789012:execution:supportmax-dev-turn:c1-1-1"
    assert execution_arn(MACHINE + suffix, "c1-1-1") == expected


def test_a_name_that_was_hashed_is_found_again(engine: AwsEngine) -> None:
    engine.workflows.start("turn", "c|1", any_payload())
    assert engine.workflows.status("turn", "c|1") == "running"


def test_an_unknown_machine_is_refused_before_anything_is_asked(engine: AwsEngine) -> None:
    with requests_of(engine.clients, "stepfunctions") as asked:
        with pytest.raises(InvalidInput, match="turns"):
            engine.workflows.start("turns", "a", {})
        with pytest.raises(InvalidInput):
            engine.workflows.status("", "a")
    assert asked == []


def test_a_machine_that_is_not_deployed_is_a_mistake_of_the_settings(engine: AwsEngine) -> None:
    lost = AwsWorkflows(engine.clients, replace(engine.settings, turn_machine=MACHINE + "-lost"))
    with pytest.raises(Misconfigured):
        lost.start("turn", any_execution(), {})


def test_a_payload_is_one_json_object_that_fits(engine: AwsEngine) -> None:
    bad: Any = {"a": b"x"}
    with pytest.raises(InvalidInput):
        engine.workflows.start("turn", any_execution(), bad)
    with pytest.raises(TooLarge):
        engine.workflows.start("turn", any_execution(), {"a": "x" * 262_144})
    with pytest.raises(InvalidInput):
        engine.workflows.send_task_success("token", bad)


@pytest.mark.parametrize("token", ["", "x" * 2049])
def test_w3_a_token_that_cannot_be_one_is_stale_without_a_request(engine: AwsEngine, token: str) -> None:
    with requests_of(engine.clients, "stepfunctions") as asked:
        assert engine.workflows.send_task_success(token, {}) is False
    assert asked == []
