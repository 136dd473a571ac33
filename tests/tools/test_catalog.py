"""TOOLS is complete: every row fits its function, its system and what the rules expect of it."""

from __future__ import annotations

import inspect
import json

import pytest
from click.testing import CliRunner

from adapters.business.sandbox.operations import CONTRACTS
from adapters.local.cli.tools import command
from shared.errors import InvalidInput, NotFound
from shared.tools.catalog import ALIASES, TOOLS, find_tool, tools_of
from shared.tools.slots import check_slots, schema_of
from shared.tools.tool import Tool

AGENTS = {"billing", "technical", "account", "sales", "general", "expert", "coordinator"}
EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS.values(), ids=list(TOOLS))


@EVERY_TOOL
def test_a_tools_signature_is_its_bound_and_chosen_slots_and_the_key(tool: Tool) -> None:
    first, *slots = inspect.signature(tool.run).parameters.values()
    assert first.name == "systems"
    assert all(slot.kind is slot.KEYWORD_ONLY for slot in slots)
    key = ("key",) if tool.effect != "none" else ()
    assert sorted(slot.name for slot in slots) == sorted((*key, *tool.bound, *tool.chosen))


@EVERY_TOOL
def test_bound_slots_are_never_optional(tool: Tool) -> None:
    parameters = inspect.signature(tool.run).parameters
    assert all(parameters[name].default is inspect.Parameter.empty for name in tool.bound)


@EVERY_TOOL
def test_a_tools_description_is_one_sentence(tool: Tool) -> None:
    assert tool.description.endswith(".")
    assert ". " not in tool.description
    assert tool.name == tool.run.__name__


@EVERY_TOOL
def test_a_tool_names_known_agents_and_a_known_system(tool: Tool) -> None:
    assert tool.agents
    assert set(tool.agents) <= AGENTS
    assert tool.system in CONTRACTS


@EVERY_TOOL
def test_a_tool_that_moves_money_or_cannot_be_undone_has_a_threshold(tool: Tool) -> None:
    assert (tool.approval is not None) == (tool.effect in ("money", "irreversible"))


@EVERY_TOOL
def test_money_is_bound_and_never_chosen(tool: Tool) -> None:
    assert not {"amount_minor", "currency", "customer", "key"} & set(tool.chosen)
    if tool.effect == "money":
        assert {"amount_minor", "currency", "customer"} <= set(tool.bound)


@EVERY_TOOL
def test_the_schema_of_chosen_slots_is_closed(tool: Tool) -> None:
    schema = schema_of(tool.run, tool.chosen)
    assert set(schema["properties"]) == set(tool.chosen)
    assert schema["additionalProperties"] is False
    json.dumps(schema)


def test_names_and_aliases_are_unique() -> None:
    names = [*TOOLS, *(alias for tool in TOOLS.values() for alias in tool.aliases)]
    assert len(names) == len(set(names))


def test_a_tool_is_found_by_its_alias() -> None:
    assert find_tool("retry_payment") is find_tool("process_payment") is TOOLS["process_payment"]
    assert set(ALIASES.values()) <= set(TOOLS)
    with pytest.raises(NotFound):
        find_tool("print_money")


def test_only_billing_refunds() -> None:
    assert TOOLS["refund_payment"].agents == ("billing",)
    assert "refund_payment" not in {tool.name for tool in tools_of("general")}


def test_t7_an_extra_argument_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_slots(TOOLS["list_payments"].run, {"customer": "cus_eva", "confirmed": True})
    assert refusal.value.field == "confirmed"


@pytest.mark.parametrize("amount", [0, -1, 10.5, "100", True, float("nan"), 10**12])
def test_t9_an_amount_that_is_no_positive_integer_is_refused(amount: object) -> None:
    slots = {"key": "k", "customer": "c", "payment": "p", "amount_minor": amount, "currency": "EUR", "reason": "r"}
    with pytest.raises(InvalidInput) as refusal:
        check_slots(TOOLS["refund_payment"].run, slots)
    assert refusal.value.field == "amount_minor"


def test_the_command_prints_one_array_for_programs() -> None:
    answer = CliRunner().invoke(command, ["--agent", "billing", "--json"])
    listed = json.loads(answer.output)
    assert {"name", "family", "effect", "agents", "aliases"} == set(listed[0])
    assert {row["name"] for row in listed} == {tool.name for tool in tools_of("billing")}


def test_the_command_prints_a_table_for_people() -> None:
    assert "Give a payment" in CliRunner().invoke(command, ["--agent", "billing"]).output


def test_the_command_refuses_an_unknown_agent() -> None:
    assert CliRunner().invoke(command, ["--agent", "janitor"]).exit_code == 2
