"""Least privilege: every role allows what its function's ports ask, and nothing else."""

from __future__ import annotations

import re

import pytest

from shared.manifest import FUNCTIONS, PORTS, Function
from stacks.permissions import PORT_GRANTS, ROWS, WILDCARDS, grants_of
from tests.stacks.policies import Allowed, roles
from tests.stacks.templates import FULL, ROOT, Assembly, of_type, synthesise

EACH_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
# The services that a port may reach at all: a second opinion on the table itself.
SERVICES = {
    "records": {"dynamodb"},
    "documents": {"s3"},
    "queue": {"sqs"},
    "events": {"events"},
    "workflows": {"states"},
    "timers": {"scheduler", "iam"},
    "secrets": {"secretsmanager", "dynamodb"},
    "connections": {"dynamodb", "execute-api"},
    "channels": {"ses"},
    "business_systems": {"secretsmanager"},
    "tenants": {"dynamodb"},
}
# A wildcard may stand only where a name is given by somebody else, after what is ours.
WITH_WILDCARD = (
    re.compile(r'\{"Fn::ImportValue": "supportmax-(dev|prod)-documents"\}/\*'),
    re.compile(r"arn:aws:s3:::supportmax-prod-mail-\d+-[a-z0-9-]+/\*"),
    re.compile(r"arn:aws:states:[a-z0-9-]+:\d+:execution:supportmax-(dev|prod)-(turn|escalation):\*"),
    re.compile(r"arn:aws:secretsmanager:[a-z0-9-]+:\d+:secret:supportmax/(dev|prod)/(root|business-gateway|origin)-\*"),
    re.compile(r'arn:aws:execute-api:[a-z0-9-]+:\d+:\{"Ref": "Socket\w+"\}/(dev|prod)/\*/@connections/\*'),
)
# Delivering logs and traces knows no resource.
WITHOUT_RESOURCE = re.compile(r"logs:\w*LogDeliver\w+|logs:(PutResourcePolicy|Describe\w+)|xray:(Put|GetSampling)\w+")


def role_of(assembly: Assembly, function: Function) -> frozenset[Allowed]:
    """What the one function may do whose environment names it."""
    template = assembly.platform()
    (role,) = [
        made["Role"]["Fn::GetAtt"][0]
        for made in of_type(template, "AWS::Lambda::Function").values()
        if made["Environment"]["Variables"]["SUPPORTMAX_FUNCTION"] == function.name
    ]
    return roles(template)[role]


def test_every_function_has_a_role_of_its_own(either: Assembly) -> None:
    made = of_type(either.platform(), "AWS::Lambda::Function").values()
    assert len({function["Role"]["Fn::GetAtt"][0] for function in made}) == len(made) == len(FUNCTIONS)


@EACH_FUNCTION
def test_a_role_allows_the_actions_of_its_functions_ports(full: Assembly, function: Function) -> None:
    asked = {action for grant in grants_of(function) for action in grant.actions}
    assert {allowed.action for allowed in role_of(full, function)} <= asked


@EACH_FUNCTION
def test_a_role_reaches_only_services_behind_its_ports(full: Assembly, function: Function) -> None:
    behind = {"logs"}.union(*(SERVICES.get(port, set()) for port in function.ports))
    called = {"queue:turns": {"sqs"}, "stream": {"dynamodb", "sqs"}, "mail": {"s3", "sqs"}, "http": {"secretsmanager"}}
    behind |= called.get(function.trigger, {"sqs"} if function.trigger in ("event", "receipt", "minute") else set())
    assert {allowed.action.split(":")[0] for allowed in role_of(full, function)} <= behind


@EACH_FUNCTION
def test_a_function_reads_only_the_secrets_that_it_works_with(full: Assembly, function: Function) -> None:
    """The gateway's key pays: who parses strangers' text and asks no system of the company never reads it."""
    allowed = [each for each in role_of(full, function) if each.action.startswith("secretsmanager:")]
    known = {
        "root": {"GetSecretValue", "CreateSecret"} if "secrets" in function.ports else set(),
        "business-gateway": {"GetSecretValue"} if "business_systems" in function.ports else set(),
        "origin": {"GetSecretValue"} if function.trigger == "http" else set(),
    }
    for name, actions in known.items():
        found = {each.action.split(":")[1] for each in allowed if each.resource.endswith(f"/prod/{name}-*")}
        assert found == actions, name
    assert len(allowed) == sum(map(len, known.values()))


def test_without_a_front_nobody_may_read_its_secret(dev: Assembly) -> None:
    allowed = [each for role in roles(dev.platform()).values() for each in role]
    assert [each for each in allowed if "/origin-" in each.resource] == []


@EACH_FUNCTION
def test_only_who_reaches_money_may_touch_the_ledger(full: Assembly, function: Function) -> None:
    allowed = role_of(full, function)
    rows = {each.action for each in allowed if "LedgerF" in each.resource and "Stream" not in each.resource}
    assert rows == (set(ROWS) if function.money else set())


def test_no_action_is_a_wildcard_and_no_policy_is_somebody_elses(either: Assembly) -> None:
    for template in either.templates.values():
        allowed = [each for role in roles(template).values() for each in role]
        assert [each for each in allowed if "*" in each.action or each.action.startswith("managed:")] == []


def test_a_wildcard_stands_only_where_others_give_the_names(either: Assembly) -> None:
    for template in either.templates.values():
        allowed = [each for role in roles(template).values() for each in role if "*" in each.resource]
        free = [each for each in allowed if each.resource == "*" and not WITHOUT_RESOURCE.fullmatch(each.action)]
        named = [each for each in allowed if each.resource != "*"]
        assert free == []
        assert [each for each in named if not any(known.fullmatch(each.resource) for known in WITH_WILDCARD)] == []


def test_every_wildcard_has_a_reason() -> None:
    rows = {name for grants in PORT_GRANTS.values() for grant in grants for name in grant.on}
    assert set(WILDCARDS) <= rows | {"mail/*", "origin secret"}
    assert all(len(reason.split()) > 5 for reason in WILDCARDS.values())


def test_only_the_account_that_they_are_in_may_use_the_services_roles(either: Assembly) -> None:
    trusted = [
        statement
        for role in of_type(either.platform(), "AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"]["Service"] in ("states.amazonaws.com", "scheduler.amazonaws.com")
    ]
    assert len(trusted) == 3
    assert all("aws:SourceAccount" in statement["Condition"]["StringEquals"] for statement in trusted)


# What a client's method asks of IAM, where that is not the method's own name.
ASKS = {
    "transact_write_items": ("PutItem", "DeleteItem", "ConditionCheckItem"),
    "head_object": ("GetObject",),
    "list_objects_v2": ("ListBucket",),
    "post_to_connection": ("ManageConnections",),
}
# Done by administrators and operators under their own rights, never by a function.
BY_PEOPLE = {
    "secrets": {"put_secret_value", "delete_secret"},
    "tenants": {"put_item"},
    "queue": {"receive_message", "delete_message", "change_message_visibility_batch", "get_queue_attributes"},
}
CLIENT = r"self\._(?:dynamodb|s3|sqs|states|scheduler|manager)|\.of\(\"[a-z0-9]+\"\)|\bclient"
CLIENT_CALL = re.compile(rf"(?:{CLIENT})\.(\w+)\(")


@pytest.mark.parametrize("port", sorted(SERVICES.keys() - {"business_systems"}))
def test_what_an_adapter_calls_its_port_may_do(port: str) -> None:
    text = (ROOT / "adapters" / "aws" / f"{port}.py").read_text("utf-8")
    called = set(CLIENT_CALL.findall(text)) - BY_PEOPLE.get(port, set())
    asked = {action for method in called for action in ASKS.get(method, (_camel(method),))}
    granted = {action.split(":")[1] for grant in PORT_GRANTS[port] for action in grant.actions}
    assert called
    assert asked <= granted


def _camel(method: str) -> str:
    return "".join(part.title() for part in method.split("_"))


def test_the_table_knows_every_port() -> None:
    assert set(PORT_GRANTS) <= PORTS | {"tenants"}
    assert set(PORT_GRANTS) == set(SERVICES)


def test_without_mail_no_function_may_send_any() -> None:
    allowed = [each for role in roles(synthesise().platform()).values() for each in role]
    assert [each for each in allowed if each.action.startswith("ses:")] == []
    sending = [each for role in roles(synthesise(**FULL).platform()).values() for each in role]
    assert [each for each in sending if each.action.startswith("ses:")] != []
