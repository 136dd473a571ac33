"""The machines of the template are the workflow files, and nothing that customers write gets into their logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.workflow.definitions import MACHINES, handlers, load_definition, source, substitute
from tests.stacks.policies import roles
from tests.stacks.templates import Assembly, Template, of_type

BOTH = pytest.mark.parametrize("machine", MACHINES)


def made(template: Template, machine: str) -> dict[str, Any]:
    (found,) = [
        each
        for each in of_type(template, "AWS::StepFunctions::StateMachine").values()
        if each["StateMachineName"].endswith(f"-{machine}")
    ]
    return found


def arn(stage: str, region: str, handler: str) -> str:
    return f"arn:aws:lambda:{region}:123456789012:function:supportmax-{stage}-{handler.replace('.', '-')}:live"


@BOTH
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1"])
def test_a_machine_is_its_file_with_the_functions_put_in(full: Assembly, machine: str, region: str) -> None:
    definition = json.loads(made(full.platform(region), machine)["DefinitionString"])
    assert definition == substitute(json.loads(source(machine)), lambda handler: arn("prod", region, handler))
    assert "${" not in json.dumps(definition)


@BOTH
def test_every_function_that_a_machine_calls_is_deployed_and_allowed(dev: Assembly, machine: str) -> None:
    template = dev.platform()
    names = {each["FunctionName"] for each in of_type(template, "AWS::Lambda::Function").values()}
    called = {arn("dev", "us-east-1", handler) for handler in handlers(machine)}
    assert {each.split(":")[6] for each in called} <= names
    role = made(template, machine)["RoleArn"]["Fn::GetAtt"][0]
    assert {each.resource for each in roles(template)[role] if each.action == "lambda:InvokeFunction"} == called


def test_an_escalation_is_always_standard_and_a_turn_what_the_stage_wants(dev: Assembly, full: Assembly) -> None:
    kinds = {
        (stage, machine): made(assembly.platform(), machine)["StateMachineType"]
        for stage, assembly in (("dev", dev), ("prod", full))
        for machine in MACHINES
    }
    assert kinds == {
        ("dev", "turn"): "STANDARD",
        ("dev", "escalation"): "STANDARD",
        ("prod", "turn"): "EXPRESS",
        ("prod", "escalation"): "STANDARD",
    }


def test_turns_are_switched_by_a_context_value(other: Assembly) -> None:
    template = other.platform()
    assert made(template, "turn")["StateMachineType"] == "EXPRESS"
    told = of_type(template, "AWS::Lambda::Function").values()
    assert {each["Environment"]["Variables"].get("SUPPORTMAX_TURNS", "express") for each in told} == {"express"}


@BOTH
def test_a_machine_logs_errors_without_what_it_carries(either: Assembly, machine: str) -> None:
    logging = made(either.platform(), machine)["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)


@BOTH
def test_a_machine_is_traced_unless_the_trace_costs_more_than_it_does(either: Assembly, machine: str) -> None:
    found = made(either.platform(), machine)
    assert found["TracingConfiguration"] == {"Enabled": found["StateMachineType"] == "STANDARD"}


@BOTH
def test_each_state_is_named_and_explained_in_the_console(dev: Assembly, machine: str) -> None:
    definition = json.loads(made(dev.platform(), machine)["DefinitionString"])
    assert list(definition["States"]) == list(load_definition(machine)["States"])
    assert all(state["Comment"] for state in definition["States"].values())
