"""Queues, a bus, schedules and a mailbox in moto's account, and what pumps them as AWS would."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from moto import mock_aws
from moto.sqs.models import sqs_backends

from adapters.aws.clients import Clients
from adapters.aws.queue import QueueUrls
from adapters.aws.settings import AwsSettings
from shared.ports.queue import QueueMessage
from tests.contract.aws_backend import REGION, SETTINGS, make_table

ACCOUNT = "123456789012"
BUS, GROUP, SENDER, CONFIGURATION = "supportmax-dev", "supportmax-dev", "support@tallybird.example", "supportmax-dev"
MOST_RECEIVES = 5
_fresh = itertools.count()
MOST_CALLS = 500
VISIBLE_AGAIN = 360  # seconds, as stacks/ sets it: longer than the longest handler call
KEPT = 14 * 86_400
MOVING = replace(
    SETTINGS,
    event_bus=BUS,
    timer_group=GROUP,
    timer_target=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:supportmax-dev-sla-sweep",
    timer_role=f"arn:aws:iam::{ACCOUNT}:role/supportmax-dev-timers",
    mail_from=SENDER,
    mail_configuration=CONFIGURATION,
)


@dataclass(frozen=True, slots=True)
class Account:
    """One mocked account without a store."""

    settings: AwsSettings
    clients: Clients


@contextmanager
def any_account() -> Iterator[Account]:
    """A fresh account with a bus, a group of schedules and a sender that SES has verified."""
    with mock_aws():
        clients = Clients(REGION)
        clients.of("events").create_event_bus(Name=BUS)
        clients.of("scheduler").create_schedule_group(Name=GROUP)
        clients.of("sesv2").create_email_identity(EmailIdentity=SENDER)
        yield Account(MOVING, clients)


def fresh_table(account: Account, **changes: str) -> AwsSettings:
    """Settings with a records table that nobody has written to."""
    table = f"records-{next(_fresh)}"
    make_table(account.clients, table)
    return replace(account.settings, records_table=table, **changes)


class Queues(dict[str, QueueUrls]):
    """Every queue that is asked for, made as stacks/ makes the one of turns: with a second queue for what failed.

    No two of these share a queue, though they share an account.
    """

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        self._sqs, self._number = clients.of("sqs"), next(_fresh)

    def __missing__(self, queue: str) -> QueueUrls:
        kept = {"MessageRetentionPeriod": str(KEPT)}
        name = f"{queue.replace('.', '-')}-{self._number}"
        dead = self._sqs.create_queue(QueueName=f"{name}-dead", Attributes=kept)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVES})
        given = {**kept, "VisibilityTimeout": str(VISIBLE_AGAIN), "RedrivePolicy": policy}
        work = self._sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
        self[queue] = QueueUrls(work, dead)
        return self[queue]


@contextmanager
def hooked(account: Account, service: str, event: str, hook: Callable[..., Any]) -> Iterator[None]:
    """Let `hook` see, or answer, what is asked of a service in the block (botocore's events)."""
    events = account.clients.of(service).meta.events
    events.register_first(event, hook)
    try:
        yield
    finally:
        events.unregister(event, hook)


class Http:
    """The part of an HTTP answer that botocore looks at where a hook answers."""

    def __init__(self, status: int) -> None:
        self.status_code = status


@contextmanager
def failing(
    account: Account, service: str, operation: str, code: str, *, message: str = "no", status: int = 400
) -> Iterator[None]:
    """Let a service answer an operation with an error in the block."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with hooked(account, service, f"before-call.{service}.{operation}", lambda **_: (Http(status), answer)):
        yield


def pass_time(queue_url: str, seconds: int) -> None:
    """Let time pass for what is in a queue: moto knows no clock that a test can set."""
    messages: list[Any] = sqs_backends[ACCOUNT][REGION].get_queue(queue_url.rsplit("/", 1)[1])._messages
    for message in messages:
        message.visible_at -= seconds * 1000
        message.delayed_until -= seconds * 1000
        message.sent_timestamp -= seconds * 1000


def receive(clients: Clients, url: str) -> list[dict[str, Any]]:
    """One message as Lambda's event source mapping takes it."""
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 1, "MessageSystemAttributeNames": ["All"]}
    found: list[dict[str, Any]] = clients.of("sqs").receive_message(**asked).get("Messages", [])
    return found


def pump(clients: Clients, queue: str, url: str, handle: Callable[[QueueMessage], None]) -> int:
    """Call `handle` with one message after the other, as Lambda would; what it raises for is seen again later.

    Ends when the queue is empty but for what is received at this moment; returns the calls.
    """
    calls = 0
    for _ in range(MOST_CALLS):
        if not (found := receive(clients, url)):
            pass_time(url, VISIBLE_AGAIN + 1)  # what is delayed, and what failed, becomes visible
            found = receive(clients, url)
        if not found:
            return calls
        calls += 1
        raw = found[0]
        try:
            handle(as_message(queue, raw))
        except RuntimeError:
            continue
        clients.of("sqs").delete_message(QueueUrl=url, ReceiptHandle=raw["ReceiptHandle"])
    raise AssertionError(f"{queue} does not become empty")


def as_message(queue: str, raw: dict[str, Any]) -> QueueMessage:
    given = raw["Attributes"]
    return QueueMessage(
        raw["MessageId"],
        queue,
        json.loads(raw["Body"]),
        given.get("MessageGroupId", ""),
        int(given["ApproximateReceiveCount"]),
    )
