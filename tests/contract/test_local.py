"""The local provider keeps every promise of the ports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from adapters.local.channels import LocalChannels
from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.connections import LocalConnections
from adapters.local.documents import LocalDocuments
from adapters.local.events import LocalEvents
from adapters.local.ids import LocalIds
from adapters.local.queue import LocalQueue
from adapters.local.records import LocalRecords
from adapters.local.secrets import LocalSecrets
from adapters.local.store import open_store
from adapters.local.telemetry import LocalTelemetry
from adapters.local.tenants import LocalTenants
from adapters.local.timers import LocalTimers
from shared.ports.channels import Outgoing
from shared.ports.clock import Clock
from shared.ports.queue import QueueMessage
from shared.ports.records import Event
from tests.contract.channels import ChannelsContract
from tests.contract.clock_and_ids import ClockContract, IdsContract, TelemetryContract
from tests.contract.connections import ConnectionsContract
from tests.contract.documents import DocumentsContract
from tests.contract.events import SUBSCRIPTIONS, EventsContract, Told
from tests.contract.queue import Handle, QueueContract
from tests.contract.records import RecordsContract
from tests.contract.records_limits import RecordsLimitsContract
from tests.contract.records_model import RecordsModelContract
from tests.contract.secrets import SecretsContract
from tests.contract.tenants import TenantsContract
from tests.contract.timers import Fired, TimersContract

A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class LocalPorts:
    """The ports of one data folder, as far as the contracts know them."""

    folder: Path
    clock: ShiftedClock
    ids: LocalIds
    records: LocalRecords
    documents: LocalDocuments
    queue: LocalQueue
    events: LocalEvents
    timers: LocalTimers
    secrets: LocalSecrets
    connections: LocalConnections
    channels: LocalChannels
    telemetry: LocalTelemetry
    tenants: LocalTenants
    closing: ExitStack


class OnThisMachine:
    """Supplies the ports of a fresh data folder, and opens it again."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[LocalPorts]:
        with ExitStack() as closing:
            yield open_ports(tmp_path / "data", closing)

    def reopen(self, provider: LocalPorts) -> LocalPorts:
        """The folder's ports in a new process, after the old one has ended."""
        provider.closing.close()
        return open_ports(provider.folder, provider.closing)


def open_ports(folder: Path, closing: ExitStack) -> LocalPorts:
    store = open_store(folder)
    closing.callback(store.close)
    clock, ids = ShiftedClock(SystemClock()), LocalIds()
    queue = LocalQueue(store, clock)
    return LocalPorts(
        folder,
        clock,
        ids,
        LocalRecords(store, clock),
        LocalDocuments(folder / "documents", ids),
        queue,
        LocalEvents(queue, clock, SUBSCRIPTIONS),
        LocalTimers(store),
        LocalSecrets(folder / "secrets", ids),
        LocalConnections(),
        LocalChannels(folder / "outbox", clock, ids),
        LocalTelemetry(folder / "telemetry.jsonl", clock),
        LocalTenants(folder / "tenants", clock, ids),
        closing,
    )


def work_off(provider: LocalPorts, queue: str, handle: Handle) -> int:
    """Receive until the queue is empty, a day passing whenever nothing is visible; returns the deliveries."""
    deliveries = 0
    while provider.queue.depth(queue):
        message = provider.queue.receive(queue, provider.clock.now())
        if message is None:
            provider.clock.advance(A_DAY)
            continue
        deliveries += 1
        try:
            handle(message)
        except RuntimeError as error:
            provider.queue.fail(message, str(error))
        else:
            provider.queue.delete(message)
    return deliveries


class TestRecords(OnThisMachine, RecordsContract, RecordsLimitsContract, RecordsModelContract):
    """R1 to R11."""

    def relay(self, provider: LocalPorts, tell: Callable[[Sequence[Event]], None]) -> None:
        provider.records.relay(tell)


class TestDocuments(OnThisMachine, DocumentsContract):
    """D1 to D6."""


class TestQueue(OnThisMachine, QueueContract):
    """Q1 to Q9."""

    def deliver(self, provider: LocalPorts, queue: str, handle: Handle) -> int:
        return work_off(provider, queue, handle)

    def hands_out(self, provider: LocalPorts, queue: str, *, after: int) -> bool:
        return provider.queue.receive(queue, provider.clock.now() + after * 1000) is not None


class TestEvents(OnThisMachine, EventsContract):
    """E1 to E5."""

    def deliver(self, provider: LocalPorts, handlers: Mapping[str, Told]) -> None:
        for handler, tell in handlers.items():

            def handle(message: QueueMessage, tell: Told = tell) -> None:
                tell(Event(message.body["id"], message.body["name"], message.body["body"]))

            work_off(provider, handler, handle)


class TestTimers(OnThisMachine, TimersContract):
    """M1 to M4."""

    def fire(self, provider: LocalPorts, at: int) -> list[Fired]:
        due = provider.timers.due(at * 1000)
        for timer in due:
            provider.timers.done(timer)
        return [(timer.handler, timer.body) for timer in due]


class TestSecrets(OnThisMachine, SecretsContract):
    """S1 to S3."""


class TestConnections(OnThisMachine, ConnectionsContract):
    """C1 to C3."""

    def connect(self, provider: LocalPorts) -> tuple[str, list[dict[str, Any]]]:
        connection, arrived = provider.ids.new("ws"), list[dict[str, Any]]()

        def deliver(body: dict[str, Any]) -> bool:
            arrived.append(body)
            return True

        provider.connections.attach(connection, deliver)
        return connection, arrived

    def disconnect(self, provider: LocalPorts, connection: str) -> None:
        provider.connections.attach(connection, lambda body: False)


class TestChannels(OnThisMachine, ChannelsContract):
    """H1 and H2."""

    def sent(self, provider: LocalPorts) -> list[Outgoing]:
        documents = [json.loads(file.read_text()) for file in sorted((provider.folder / "outbox").glob("*.json"))]
        names = [field.name for field in fields(Outgoing)]
        return [Outgoing(**{name: document[name] for name in names}) for document in documents]


class TestTenants(OnThisMachine, TenantsContract):
    """T1 to T7."""

    def elsewhere(self, provider: LocalPorts) -> LocalTenants:
        return LocalTenants(provider.folder / "tenants", provider.clock, provider.ids, here="elsewhere")

    def wait(self, provider: LocalPorts, seconds: int) -> None:
        provider.clock.advance(seconds)


class TestSmallPorts(OnThisMachine, ClockContract, IdsContract, TelemetryContract):
    """K1 to K3, I1, L1 and L2."""

    def another_clock(self, provider: LocalPorts) -> Clock:
        return SystemClock()

    def told(self, provider: LocalPorts) -> str:
        return (provider.folder / "telemetry.jsonl").read_text()
