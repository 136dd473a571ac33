"""What moves on AWS keeps the promises of its ports on moto.

Where moto does otherwise than AWS, tests/aws_moving asserts the request instead: it delivers no fair turns, calls no
function from a schedule, sends no mail and speaks no WebSocket, so the hooks here do what AWS would do next.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from adapters.aws.channels import KEY_TAG, TENANT_TAG, AwsChannels, read_tag
from adapters.aws.clock import AwsClock
from adapters.aws.connections import AwsConnections
from adapters.aws.events import SOURCE, AwsEvents
from adapters.aws.ids import AwsIds
from adapters.aws.queue import AwsQueue
from adapters.aws.records import AwsRecords
from adapters.aws.telemetry import AwsTelemetry
from adapters.aws.timers import AwsTimers
from shared.ports.channels import Outgoing
from shared.ports.ids import Ids
from shared.ports.queue import QueueMessage
from shared.ports.records import Event
from tests.aws_moving.gateway_of_sockets import SocketGateway, open_gateway
from tests.contract.aws_machines import AwsEngine, open_engine
from tests.contract.aws_moving_backend import (
    GROUP,
    MOVING,
    Account,
    Queues,
    any_account,
    fresh_table,
    pass_time,
    pump,
    receive,
)
from tests.contract.channels import ChannelsContract
from tests.contract.clock_and_ids import TelemetryContract
from tests.contract.connections import ConnectionsContract
from tests.contract.events import SUBSCRIPTIONS, EventsContract, Told
from tests.contract.machines import Work
from tests.contract.queue import Handle, QueueContract
from tests.contract.timers import Fired, TimersContract
from tests.contract.workflows import WorkflowsContract


@dataclass(frozen=True, slots=True)
class QueuePorts:
    account: Account
    urls: Queues
    queue: AwsQueue


class TestQueue(QueueContract):
    """Q1 to Q9; fair turns between groups are SQS's own, the group that is sent is asserted."""

    @pytest.fixture(scope="class")
    @classmethod
    def provider(cls) -> Iterator[QueuePorts]:
        with any_account() as account:
            urls = Queues(account.clients)
            yield QueuePorts(account, urls, AwsQueue(account.clients, MOVING, urls=urls, wait_seconds=0))

    def deliver(self, provider: QueuePorts, queue: str, handle: Handle) -> int:
        return pump(provider.account.clients, queue, provider.urls[queue].work, handle)

    def hands_out(self, provider: QueuePorts, queue: str, *, after: int) -> bool:
        url = provider.urls[queue].work
        pass_time(url, after)
        return bool(receive(provider.account.clients, url))


@dataclass(frozen=True, slots=True)
class EventPorts:
    account: Account
    queues: Queues
    events: AwsEvents


class TestEvents(EventsContract):
    """E1 to E5; a rule for each subscriber, whose queue stands for Lambda's own: it too tells again what failed."""

    @pytest.fixture
    def provider(self) -> Iterator[EventPorts]:
        with any_account() as account:
            queues = Queues(account.clients)
            for handler in sorted({each for told in SUBSCRIPTIONS.values() for each in told}):
                names = [name for name, told in SUBSCRIPTIONS.items() if handler in told]
                subscribe(account, queues, handler, names)
            yield EventPorts(account, queues, AwsEvents(account.clients, MOVING))

    def reopen(self, provider: EventPorts) -> EventPorts:
        return replace(provider, events=AwsEvents(provider.account.clients, MOVING))

    def deliver(self, provider: EventPorts, handlers: Mapping[str, Told]) -> None:
        for handler, tell in handlers.items():

            def handle(message: QueueMessage, tell: Told = tell) -> None:
                detail = message.body["detail"]
                tell(Event(detail["id"], detail["name"], detail["body"]))

            pump(provider.account.clients, handler, provider.queues[handler].work, handle)


def moment_of(expression: str) -> int:
    """Epoch seconds of `at(…)`, in UTC."""
    return int(datetime.strptime(expression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC).timestamp())


def subscribe(account: Account, queues: Queues, handler: str, names: list[str]) -> None:
    """The rule that stacks/ makes for a subscriber, but that its target is a queue."""
    events, rule = account.clients.of("events"), handler.replace(".", "-")
    pattern = {"source": [SOURCE], "detail-type": names}
    events.put_rule(Name=rule, EventBusName=MOVING.event_bus, EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:{MOVING.region}:123456789012:{queues[handler].work.rsplit('/', 1)[1]}"
    events.put_targets(Rule=rule, EventBusName=MOVING.event_bus, Targets=[{"Id": "one", "Arn": arn}])


class TestWorkflows(WorkflowsContract):
    """W1 to W4; the cloud itself runs the machines, so a second worker is one that it calls again."""

    @pytest.fixture(scope="class")
    @classmethod
    def provider(cls) -> Iterator[AwsEngine]:
        with open_engine() as engine:
            yield engine

    def drive(self, provider: AwsEngine, work: Work) -> None:
        provider.functions.employ(work)
        provider.time.settle()
        provider.functions.employ(None)

    def reopen(self, provider: AwsEngine) -> AwsEngine:
        return provider.reopened()

    def pass_time(self, provider: AwsEngine, seconds: int) -> None:
        provider.time.advance(seconds)


@dataclass(frozen=True, slots=True)
class TimerPorts:
    account: Account
    timers: AwsTimers


class TestTimers(TimersContract):
    """M1 to M4; moto fires nothing, so what is due is found by looking at every schedule, and then forgotten."""

    @pytest.fixture
    def provider(self) -> Iterator[TimerPorts]:
        with any_account() as account:
            yield TimerPorts(account, AwsTimers(account.clients, MOVING, AwsClock()))

    def reopen(self, provider: TimerPorts) -> TimerPorts:
        return replace(provider, timers=AwsTimers(provider.account.clients, MOVING, AwsClock()))

    def fire(self, provider: TimerPorts, at: int) -> list[Fired]:
        scheduler, fired = provider.account.clients.of("scheduler"), []
        for each in scheduler.list_schedules(GroupName=GROUP)["Schedules"]:
            found = scheduler.get_schedule(GroupName=GROUP, Name=each["Name"])
            if moment_of(found["ScheduleExpression"]) <= at:
                told = json.loads(found["Target"]["Input"])
                fired.append((told["handler"], told["body"]))
                scheduler.delete_schedule(GroupName=GROUP, Name=each["Name"])
        return fired


@dataclass(frozen=True, slots=True)
class SocketPorts:
    sockets: SocketGateway
    ids: Ids
    connections: AwsConnections


class TestConnections(ConnectionsContract):
    """C1 to C3; the real SDK posts to a server on this machine, which moto has nothing like."""

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls) -> Iterator[tuple[Account, SocketGateway]]:
        with any_account() as account, open_gateway() as sockets:
            yield account, sockets

    @pytest.fixture
    def provider(self, place: tuple[Account, SocketGateway]) -> SocketPorts:
        account, sockets = place
        settings, clock = fresh_table(account, socket_url=sockets.url), AwsClock()
        records = AwsRecords(account.clients, settings, clock)
        return SocketPorts(sockets, AwsIds(), AwsConnections(sockets.clients, settings, records, clock))

    def connect(self, provider: SocketPorts) -> tuple[str, list[dict[str, Any]]]:
        connection = f"{provider.ids.new('Lc')}=/+"
        return connection, provider.sockets.connect(connection)

    def disconnect(self, provider: SocketPorts, connection: str) -> None:
        provider.sockets.disconnect(connection)


@dataclass(frozen=True, slots=True)
class MailPorts:
    channels: AwsChannels
    requests: list[dict[str, Any]]


class TestChannels(ChannelsContract):
    """H1 and H2; what has left is what SES was asked to send."""

    @pytest.fixture
    def provider(self) -> Iterator[MailPorts]:
        with any_account() as account:
            requests: list[dict[str, Any]] = []
            events = account.clients.of("sesv2").meta.events
            events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: requests.append(dict(params)))
            yield MailPorts(AwsChannels(account.clients, MOVING), requests)

    def sent(self, provider: MailPorts) -> list[Outgoing]:
        return [as_outgoing(request) for request in provider.requests]


def as_outgoing(request: dict[str, Any]) -> Outgoing:
    """The reply that a request to SES carries."""
    mail = message_from_bytes(request["Content"]["Raw"]["Data"], policy=default)
    tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
    (to,) = request["Destination"]["ToAddresses"]
    return Outgoing(
        read_tag(tags[KEY_TAG]),
        "email",
        to,
        mail["Subject"],
        mail.get_content().replace("\r\n", "\n").removesuffix("\n"),
        in_reply_to=mail["In-Reply-To"] or "",
        references=mail["References"] or "",
        reply_to=mail["Reply-To"] or "",
        message_id=mail["Message-ID"] or "",
        tenant=read_tag(tags.get(TENANT_TAG, "")),
    )


@dataclass(frozen=True, slots=True)
class TelemetryPorts:
    out: io.StringIO
    telemetry: AwsTelemetry


class TestTelemetry(TelemetryContract):
    """L1 and L2."""

    @pytest.fixture
    def provider(self) -> TelemetryPorts:
        out = io.StringIO()
        return TelemetryPorts(out, AwsTelemetry(MOVING, AwsClock(), out=out))

    def told(self, provider: TelemetryPorts) -> str:
        provider.telemetry.flush()
        return provider.out.getvalue()
