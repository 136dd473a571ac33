"""What functions ask of AWS is denied where their roles do not allow it: moto lets everybody do everything."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import botocore.handlers
import pytest
from botocore.exceptions import ClientError

from tests.aws.envelopes import REGION

ACCOUNT = "123456789012"
SECRET_SUFFIX = "-AbCdEf"  # Secrets Manager adds six letters of its own
UNNAMED = ""
DENIED = {"s3": "AccessDenied"}  # what a service calls it, where it has a word of its own
Ask = tuple[str, str]  # an action and the resource that it is asked of


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a role: what it allows on what."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def allows(self, ask: Ask) -> bool:
        """Whether it allows this; a request that names no resource is any of them."""
        action, resource = ask
        fits = resource == UNNAMED or any(fnmatchcase(resource, pattern) for pattern in self.resources)
        return action in self.actions and fits


@dataclass
class Watch:
    """Which function runs in which thread, and what it asked for that its role does not allow."""

    roles: dict[str, list[Statement]] = field(default_factory=dict)
    denied: set[tuple[str, str, str]] = field(default_factory=set)
    asked: int = 0
    _here: threading.local = field(default_factory=threading.local)

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Whatever this thread asks of AWS in the block, the function asks."""
        outer = getattr(self._here, "function", "")
        self._here.function = function
        try:
            yield
        finally:
            self._here.function = outer

    def note(self, params: Any, model: Any, **_: Any) -> None:
        """A request is made; it is denied as AWS would."""
        function, service = getattr(self._here, "function", ""), model.service_model.service_name
        for ask in asks_of(service, model.name, params) if function else ():
            self.asked += 1
            if not any(statement.allows(ask) for statement in self.roles[function]):
                self.denied.add((function, *ask))
                raise ClientError({"Error": {"Code": DENIED.get(service, "AccessDeniedException")}}, model.name)


def watch_clients(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Every client that is made from now on tells what it is asked."""
    handlers = [*botocore.handlers.BUILTIN_HANDLERS, ("provide-client-params", watch.note)]
    patch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)


def read_role(access: Any, role_arn: str) -> list[Statement]:
    """The statements of a role's own policies, as CloudFormation resolved them."""
    role = role_arn.rsplit("/", 1)[1]
    names = access.list_role_policies(RoleName=role)["PolicyNames"]
    texts = (access.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names)
    return [
        Statement(_listed(statement["Action"]), _listed(statement["Resource"]))
        for text in texts
        for statement in ast.literal_eval(text)["Statement"]  # moto keeps what Python writes
    ]


def asks_of(service: str, operation: str, params: Any) -> Iterator[Ask]:
    """The actions that AWS checks for a request, each with its resource; raises KeyError for one not known here."""
    if service == "dynamodb":
        return _ask_tables(operation, params)
    action, find = ASKS[service, operation]
    return iter([(action, find(params))])


def _ask_tables(operation: str, params: Any) -> Iterator[Ask]:
    if operation != "TransactWriteItems":
        yield f"dynamodb:{operation}", _table(params)
        return
    for item in params["TransactItems"]:
        ((kind, given),) = item.items()
        yield f"dynamodb:{'ConditionCheckItem' if kind == 'ConditionCheck' else f'{kind}Item'}", _table(given)


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _table(params: Any) -> str:
    return _arn("dynamodb", f"table/{params['TableName']}")


def _secret(name: str) -> str:
    return _arn("secretsmanager", f"secret:{name}{SECRET_SUFFIX}")


def _queue(params: Any) -> str:
    return _arn("sqs", urlsplit(params["QueueUrl"]).path.rsplit("/", 1)[1])


def _object(params: Any) -> str:
    return f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


ASKS: dict[tuple[str, str], tuple[str, Callable[[Any], str]]] = {
    ("s3", "GetObject"): ("s3:GetObject", _object),
    ("s3", "HeadObject"): ("s3:GetObject", _object),
    ("s3", "PutObject"): ("s3:PutObject", _object),
    ("s3", "DeleteObject"): ("s3:DeleteObject", _object),
    ("s3", "ListObjectsV2"): ("s3:ListBucket", lambda params: f"arn:aws:s3:::{params['Bucket']}"),
    ("sqs", "SendMessage"): ("sqs:SendMessage", _queue),
    ("sqs", "SendMessageBatch"): ("sqs:SendMessage", _queue),
    ("events", "PutEvents"): (
        "events:PutEvents",
        lambda params: _arn("events", f"event-bus/{params['Entries'][0]['EventBusName']}"),
    ),
    ("stepfunctions", "StartExecution"): ("states:StartExecution", lambda params: str(params["stateMachineArn"])),
    ("stepfunctions", "DescribeExecution"): ("states:DescribeExecution", lambda params: str(params["executionArn"])),
    ("stepfunctions", "SendTaskSuccess"): ("states:SendTaskSuccess", lambda _: UNNAMED),
    ("apigatewaymanagementapi", "PostToConnection"): ("execute-api:ManageConnections", lambda _: UNNAMED),
    ("apigatewaymanagementapi", "DeleteConnection"): ("execute-api:ManageConnections", lambda _: UNNAMED),
    ("secretsmanager", "GetSecretValue"): (
        "secretsmanager:GetSecretValue",
        lambda params: _secret(params["SecretId"]),
    ),
    ("secretsmanager", "CreateSecret"): ("secretsmanager:CreateSecret", lambda params: _secret(params["Name"])),
    ("sesv2", "SendEmail"): (
        "ses:SendEmail",
        lambda params: _arn("ses", f"identity/{params['FromEmailAddress'].rsplit('@', 1)[1].rstrip('>')}"),
    ),
}
