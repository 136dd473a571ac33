"""Whatever AWS or its SDK raises, no method of a port raises anything but an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from adapters.aws.clients import Clients
from adapters.aws.provider import AwsProvider, open_provider
from shared.errors import SupportMaxError
from shared.ports.channels import Outgoing
from shared.ports.records import ABSENT, Batch, Check, Delete, Event, Put
from tests.aws_adapters.any_secrets import secrets_manager
from tests.aws_adapters.faults import URL, calls_fail, no_connection
from tests.contract.aws_backend import REGION, any_cloud

ARN = f"arn:aws:states:{REGION}:123456789012:stateMachine:supportmax-dev-turn"
SOCKETS = "https://sockets.example/dev"
MAIL = Outgoing("k1", "email", "ann@example.com", "Hello", "text")
EVENT = Event("e1", "TicketOpened", {})
SERVICES = ("dynamodb", "s3", "secretsmanager", "sqs", "events", "stepfunctions", "scheduler", "sesv2")
CALLS: dict[str, Callable[[AwsProvider], object]] = {
    "records.get": lambda aws: aws.records.get("P", "R"),
    "records.query": lambda aws: aws.records.query("P"),
    "records.write one": lambda aws: aws.records.write(Batch("P", [Put("R", {}, ABSENT)])),
    "records.write a deletion": lambda aws: aws.records.write(Batch("P", [Delete("R")])),
    "records.write several": lambda aws: aws.records.write(Batch("P", [Put("R", {}), Check("S", ABSENT)])),
    "documents.put": lambda aws: aws.documents.put("a", b""),
    "documents.create": lambda aws: aws.documents.create("a", b""),
    "documents.get": lambda aws: aws.documents.get("a"),
    "documents.list_names": lambda aws: aws.documents.list_names("a"),
    "documents.delete": lambda aws: aws.documents.delete("a"),
    "secrets_manager.get": lambda aws: secrets_manager(aws).get("a"),
    "secrets_manager.create": lambda aws: secrets_manager(aws).create("a", b"1"),
    "secrets_manager.put": lambda aws: secrets_manager(aws).put("a", b"1"),
    "secrets_manager.delete": lambda aws: secrets_manager(aws).delete("a"),
    "secrets.get": lambda aws: aws.secrets.get("a"),
    "secrets.create": lambda aws: aws.secrets.create("a", b"1"),
    "secrets.put": lambda aws: aws.secrets.put("a", b"1"),
    "secrets.delete": lambda aws: aws.secrets.delete("a"),
    "queue.send": lambda aws: aws.queue.send("turns", {}, group="t1"),
    "queue.dead_letters": lambda aws: aws.queue.dead_letters("turns"),
    "queue.redrive": lambda aws: aws.queue.redrive("turns"),
    "events.publish": lambda aws: aws.events.publish([EVENT]),
    "workflows.start": lambda aws: aws.workflows.start("turn", "n1", {}),
    "workflows.send_task_success": lambda aws: aws.workflows.send_task_success("token", {}),
    "workflows.status": lambda aws: aws.workflows.status("turn", "n1"),
    "timers.set": lambda aws: aws.timers.set("n1", 2_000_000_000, "sla.sweep", {}),
    "timers.cancel": lambda aws: aws.timers.cancel("n1"),
    "connections.join": lambda aws: aws.connections.join("c1", "t1|c1"),
    "connections.leave": lambda aws: aws.connections.leave("c1"),
    "connections.members": lambda aws: aws.connections.members("t1|c1"),
    "connections.push": lambda aws: aws.connections.push("c1", {}),
    "channels.send": lambda aws: aws.channels.send(MAIL),
    "tenants.home": lambda aws: aws.tenants.home("t1"),
    "tenants.at_home": lambda aws: aws.tenants.at_home(REGION),
}
QUIET = {  # a push is a courtesy, a stale token is reported, and what is absent needs no forgetting
    "connections.push", "workflows.send_task_success", "workflows.status", "timers.cancel", "secrets_manager.delete",
    "workflows.start",
}  # fmt: skip


def answered(code: str, status: int) -> ClientError:
    reply = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(reply, "Any")


FAULTS = [
    answered("AccessDeniedException", 400),
    answered("ThrottlingException", 400),
    answered("InternalServerError", 500),
    answered("ResourceNotFoundException", 404),
    answered("GoneException", 410),
    answered("TransactionCanceledException", 400),
    answered("NeverHeardOf", 418),
    no_connection(),
    ReadTimeoutError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    HTTPClientError(error="odd"),
    NoCredentialsError(),
    ParamValidationError(report="odd"),
]


@pytest.fixture(scope="module")
def failing(clients: Clients) -> Iterator[AwsProvider]:
    with any_cloud(clients=clients) as cloud:
        settings = replace(
            cloud.settings,
            turns_queue="https://sqs.example/turns",
            turns_dead_queue="https://sqs.example/dead",
            turn_machine=ARN,
            escalation_machine=ARN,
            turns="standard",
            timer_group="supportmax-dev",
            timer_target=ARN,
            timer_role=ARN,
            socket_url=SOCKETS,
            mail_from="support@tallybird.example",
            mail_configuration="supportmax-dev",
        )
        yield open_provider(settings, clients=clients)


def outcome(provider: AwsProvider, call: str) -> SupportMaxError | None:
    """Our error that the call raised; anybody else's rises."""
    try:
        CALLS[call](provider)
    except SupportMaxError as ours:
        return ours
    return None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{type(fault).__name__} {fault}"[:60])
@pytest.mark.parametrize("call", CALLS)
def test_only_our_errors_leave_a_port(failing: AwsProvider, call: str, fault: Exception) -> None:
    with ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(calls_fail(failing.clients.of(service), fault))
        sockets = failing.clients.of("apigatewaymanagementapi", endpoint=SOCKETS)
        stack.enter_context(calls_fail(sockets, fault))
        raised = outcome(failing, call)
    assert call in QUIET if raised is None else raised.__cause__ is not None
