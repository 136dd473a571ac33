"""Every table is complete: what it names exists, fits, and nothing that exists is missing from it (design §10)."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import click
import pytest

from adapters.local.cli.main import COMMANDS
from adapters.local.provider import open_provider
from shared import errors
from shared.agents.catalog import AGENTS
from shared.company.company import Company
from shared.dispatch import Application, resolve
from shared.domain import events
from shared.domain.ticket import TIERS
from shared.manifest import BY_NAME, FUNCTIONS, HANDLERS, PARTS, PORTS, SUBSCRIPTIONS, TRIGGER_OF, Handler
from shared.ports.provider import CloudProvider
from shared.tools.catalog import TOOLS
from shared.tools.tool import Tool
from shared.understanding.taxonomy import load_taxonomy
from shared.workflow.definitions import MACHINES
from shared.workflow.definitions import handlers as resources_of
from tests.architecture.sources import ROOT, Source, sources

COMPANY = Company()
MOST_METHODS = 6
FOR_PEOPLE = {"coordinator", "operator"}
PORT_TYPES: dict[str, type] = {
    name: get_type_hints(member.fget)["return"]
    for name, member in vars(CloudProvider).items()
    if isinstance(member, property)
}
Types = dict[str, type]
EVERY_HANDLER = pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.name)
EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS.values(), ids=list(TOOLS))
EVERY_PORT = pytest.mark.parametrize("port", sorted(PORT_TYPES))


# --- handlers


@EVERY_HANDLER
def test_a_row_of_the_manifest_is_a_handler_that_takes_what_the_row_says(handler: Handler) -> None:
    assert set(resolve(handler.name).takes) == set(handler.takes)


@EVERY_HANDLER
def test_a_handler_names_each_port_by_its_protocol_and_each_part_by_its_class(handler: Handler, types: Types) -> None:
    hints = get_type_hints(import_module(handler.module).handle)
    assert {name: hints[name] for name in handler.takes} == {name: types[name] for name in handler.takes}


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Types]:
    """The Protocol of each port, and the class of each part as the top floor builds it."""
    provider = open_provider(tmp_path_factory.mktemp("parts"), lambda name, payload: None)
    try:
        app = Application(provider, COMPANY)
        yield PORT_TYPES | {part: type(getattr(app, part)) for part in PARTS}
    finally:
        provider.close()


def test_every_file_with_a_handler_has_a_row() -> None:
    files = {source.name for source in sources("functions") if defines(source, "handle")}
    assert files == {f"{handler.module.replace('.', '/')}.py" for handler in HANDLERS}


def defines(source: Source, name: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in source.tree.body)


def test_no_handler_has_two_rows() -> None:
    assert len(BY_NAME) == len(HANDLERS)


def test_a_shared_function_is_that_of_another_row() -> None:
    assert {handler.deploy_with for handler in HANDLERS} - {""} <= set(BY_NAME) | set(TRIGGER_OF)


def test_every_handler_is_hosted_by_one_function_of_its_own_kind() -> None:
    hosted = [handler for function in FUNCTIONS for handler in function.handlers]
    assert sorted(handler.name for handler in hosted) == sorted(BY_NAME)
    for function in FUNCTIONS:
        kinds = {handler.trigger for handler in function.handlers}
        assert kinds == {function.trigger} or function.name in TRIGGER_OF


def test_parts_stand_on_ports_and_handlers_take_nothing_else() -> None:
    assert {port for ports in PARTS.values() for port in ports} <= PORTS
    assert {taken for handler in HANDLERS for taken in handler.takes} <= PORTS | set(PARTS)


def test_who_is_told_of_an_event_is_a_handler_of_events() -> None:
    told = {name for names in SUBSCRIPTIONS.values() for name in names}
    assert told - {handler.name for handler in HANDLERS if handler.trigger == "event"} == set()


def test_a_handler_of_events_hears_of_one() -> None:
    told = {name for names in SUBSCRIPTIONS.values() for name in names}
    assert {handler.name for handler in HANDLERS if handler.trigger == "event"} - told == set()


def test_subscriptions_name_known_events() -> None:
    known = {value for name, value in vars(events).items() if name.isupper()}
    assert set(SUBSCRIPTIONS) <= known


def test_workflows_call_exactly_the_handlers_that_are_tasks() -> None:
    called = {resource for machine in MACHINES for resource in resources_of(machine)}
    assert called == {handler.name for handler in HANDLERS if handler.trigger == "task"}


# --- ports


def test_the_manifest_knows_exactly_the_ports_of_a_provider() -> None:
    assert set(PORT_TYPES) == PORTS


@EVERY_PORT
def test_a_port_is_a_narrow_protocol_in_a_file_of_its_name(port: str) -> None:
    kind = PORT_TYPES[port]
    assert kind.__module__ == f"shared.ports.{port}"
    assert getattr(kind, "_is_protocol", False)
    assert 1 <= len(methods_of(kind)) <= MOST_METHODS


@EVERY_PORT
def test_a_port_numbers_its_promises(port: str) -> None:
    module = inspect.getdoc(import_module(f"shared.ports.{port}")) or ""
    assert any(word[:1].isupper() and word[1:].rstrip(".,").isdigit() for word in module.split())


@EVERY_PORT
def test_this_machine_keeps_every_method_of_a_port_with_its_parameters(port: str, tmp_path: Path) -> None:
    provider = open_provider(tmp_path, lambda name, payload: None)
    try:
        kept = getattr(provider, port)
        assert {name: differs(method, kept, name) for name, method in methods_of(PORT_TYPES[port]).items()} == {
            name: [] for name in methods_of(PORT_TYPES[port])
        }
    finally:
        provider.close()


def methods_of(kind: type) -> dict[str, Any]:
    return {name: member for name, member in vars(kind).items() if inspect.isfunction(member) and name[0] != "_"}


def differs(promised: Any, kept: object, name: str) -> list[str]:
    """Parameters that an implementation lacks, or asks for although the port does not give them."""
    if not callable(getattr(kept, name, None)):
        return ["missing"]
    wanted = list(inspect.signature(promised).parameters.values())[1:]
    found = dict(inspect.signature(getattr(kept, name)).parameters)
    lacking = [each.name for each in wanted if each.name not in found or found.pop(each.name).kind is not each.kind]
    return lacking + [each.name for each in found.values() if each.default is each.empty]


# --- tools, agents, playbooks, intents


@EVERY_TOOL
def test_a_tool_is_for_known_agents_and_its_approval_is_set_by_the_company(tool: Tool) -> None:
    assert set(tool.agents) <= set(AGENTS)
    assert tool.approval is None or tool.approval in COMPANY.approvals


def test_every_agent_works_in_a_role_that_exists() -> None:
    assert {agent.handler for agent in AGENTS.values()} <= {path.name for path in (ROOT / "functions").iterdir()}


def test_routing_knows_agents_tiers_and_the_handler_of_whoever_it_may_choose() -> None:
    routing = COMPANY.routing
    scored = {agent for weights in routing.weights.values() for agent in weights}
    multiplied = {agent for factors in routing.tiers.values() for agent in factors}
    assert scored | multiplied | set(routing.handlers) <= set(AGENTS)
    assert scored | multiplied <= set(routing.handlers) | FOR_PEOPLE
    assert {f"{handler}.work" for handler in routing.handlers.values()} <= set(BY_NAME)
    assert set(routing.tiers) == set(COMPANY.tiers) == set(TIERS)


@pytest.mark.parametrize("name", sorted(COMPANY.playbook_files))
def test_a_playbooks_agent_and_tools_exist_and_its_intents_are_known(name: str) -> None:
    playbook = COMPANY.playbook(name)
    assert playbook is not None
    assert playbook.agent in AGENTS
    assert {step.tool for step in playbook.steps if step.tool} <= set(TOOLS)
    assert set(playbook.covers) <= set(load_taxonomy().intents)


@pytest.mark.parametrize("intent", sorted(load_taxonomy().intents))
def test_an_intent_has_an_agent_with_a_handler_or_is_for_a_person(intent: str) -> None:
    row = load_taxonomy().intents[intent]
    for agent in {row.agent, row.agent_when_frustrated}:
        assert agent in FOR_PEOPLE or f"{COMPANY.routing.handlers[agent]}.work" in BY_NAME


def test_what_is_switched_per_intent_names_known_intents() -> None:
    assert set(COMPANY.flags.intents) <= set(load_taxonomy().intents)


# --- people


def test_somebody_stands_on_every_rung_and_two_can_approve() -> None:
    staff = COMPANY.staff
    for rung in staff.ladder:
        assert [each for each in staff.operators if each.level == rung.level and rung.role in each.roles]
    for threshold in COMPANY.approvals.values():
        assert len([each for each in staff.operators if threshold.role in each.roles]) >= 2


def test_every_category_and_tier_has_somebody_with_its_skill() -> None:
    skills = {skill for operator in COMPANY.staff.operators for skill in operator.skills}
    assert {*load_taxonomy().categories, *(tier.skill for tier in COMPANY.tiers.values())} <= skills


# --- words and commands


def test_every_phrase_that_the_code_says_is_written_in_every_language() -> None:
    said = {phrase for source in sources("functions", "shared") for phrase in phrases_of(source)}
    assert said
    missing = [(phrase, tongue) for phrase in said for tongue in COMPANY.languages if not written(phrase, tongue)]
    assert missing == []


def written(phrase: str, language: str) -> str:
    return COMPANY.phrases.get(phrase, {}).get(language, "")


def phrases_of(source: Source) -> Iterator[str]:
    """The literal names in `say(company, "name", …)` and `….phrases["name"]`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield from literals(node.args[1])
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            yield from literals(node.slice) if node.value.attr == "phrases" else ()


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_the_table_loads_under_its_name_and_says_what_it_does(name: str) -> None:
    command = import_module(COMMANDS[name][0]).command
    assert isinstance(command, click.Command)
    assert command.name in (name, "command", None)
    assert command.help
    assert COMMANDS[name][1].endswith(".")


def test_every_command_file_is_reached_from_the_table() -> None:
    files = {source for source in sources("adapters") if source.within("adapters/local/cli")}
    commands = {source.name for source in files if any(is_command(node) for node in source.tree.body)}
    assert commands == {f"{module.replace('.', '/')}.py" for module, _ in COMMANDS.values()}


def is_command(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "command"


def test_no_two_errors_share_a_code() -> None:
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    codes = [kind.code for kind in tree if issubclass(kind, errors.SupportMaxError)]
    assert len(codes) == len(set(codes))
