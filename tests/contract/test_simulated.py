"""The simulated cloud keeps every promise of the ports, before anything of it is broken."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.simulated.business_systems import SimulatedSystems
from adapters.simulated.channels import SimulatedChannels
from adapters.simulated.clock import SimulatedClock
from adapters.simulated.connections import SimulatedConnections
from adapters.simulated.documents import SimulatedDocuments
from adapters.simulated.events import SimulatedEvents
from adapters.simulated.ids import SimulatedIds
from adapters.simulated.queue import SimulatedQueue
from adapters.simulated.records import SimulatedRecords
from adapters.simulated.scheduler import Crash, Scheduler
from adapters.simulated.secrets import SimulatedSecrets
from adapters.simulated.telemetry import SimulatedTelemetry
from adapters.simulated.tenants import SimulatedTenants
from adapters.simulated.timers import SimulatedTimers
from adapters.simulated.workflows import SimulatedWorkflows
from shared.ports.channels import Outgoing
from shared.ports.clock import Clock
from shared.ports.queue import QueueMessage
from shared.ports.records import Event
from shared.ports.tenants import Home
from shared.workflow.definitions import substitute
from tests.contract.business_systems import BusinessSystemsContract, Fault
from tests.contract.channels import ChannelsContract
from tests.contract.clock_and_ids import ClockContract, IdsContract, TelemetryContract
from tests.contract.connections import ConnectionsContract
from tests.contract.documents import DocumentsContract
from tests.contract.events import SUBSCRIPTIONS, EventsContract, Told
from tests.contract.machines import DEFINITIONS, Work, Worker, WorkerDied
from tests.contract.queue import Handle, QueueContract
from tests.contract.records import RecordsContract
from tests.contract.records_limits import RecordsLimitsContract
from tests.contract.records_model import RecordsModelContract
from tests.contract.secrets import SecretsContract
from tests.contract.tenants import TenantsContract
from tests.contract.test_local_business_systems import TestBilling as OnBilling
from tests.contract.timers import Fired, TimersContract
from tests.contract.workflows import WorkflowsContract

SHORT_MS = 1_900  # long enough for a retry's pause, too short for a token's time
A_DAY_MS = 86_400_000


def now_ms() -> int:
    """Virtual time begins where the contracts' own tests are."""
    return int(time.time() * 1000)


@dataclass
class SimulatedPorts:
    """One cloud's ports as far as the contracts know them; what is in it outlives every process."""

    scheduler: Scheduler
    clock: SimulatedClock
    ids: SimulatedIds
    records: SimulatedRecords
    documents: SimulatedDocuments
    queue: SimulatedQueue
    events: SimulatedEvents
    timers: SimulatedTimers
    secrets: SimulatedSecrets
    connections: SimulatedConnections
    channels: SimulatedChannels
    tenants: SimulatedTenants
    telemetry: SimulatedTelemetry
    business_systems: SimulatedSystems
    directory: dict[str, Home]


class OnTheSimulatedCloud:
    """Supplies a fresh cloud."""

    @pytest.fixture
    def provider(self) -> SimulatedPorts:
        scheduler, directory = Scheduler(1, now_ms()), dict[str, Home]()
        clock = SimulatedClock(scheduler)
        queue = SimulatedQueue(clock)
        return SimulatedPorts(
            scheduler, clock, SimulatedIds(1), SimulatedRecords(clock), SimulatedDocuments(), queue,
            SimulatedEvents(queue, SUBSCRIPTIONS), SimulatedTimers(), SimulatedSecrets(), SimulatedConnections(),
            SimulatedChannels(), SimulatedTenants(clock, directory), SimulatedTelemetry(), SimulatedSystems(), directory,
        )  # fmt: skip

    def reopen(self, provider: SimulatedPorts) -> SimulatedPorts:
        """A new process on the same cloud."""
        return provider


def work_off(provider: SimulatedPorts, queue: str, handle: Handle) -> int:
    """Receive until nothing will ever be visible, a day passing whenever nothing is; returns the deliveries."""
    deliveries = 0
    while provider.queue.next_visible() is not None:
        message = provider.queue.receive(queue)
        if message is None:
            if not provider.queue.waiting(queue):
                break
            provider.scheduler.now += A_DAY_MS
            continue
        deliveries += 1
        try:
            handle(message)
        except RuntimeError as error:
            provider.queue.fail(message, str(error))
        else:
            provider.queue.delete(message)
    return deliveries


class TestRecords(OnTheSimulatedCloud, RecordsContract, RecordsLimitsContract, RecordsModelContract):
    """R1 to R11."""

    def relay(self, provider: SimulatedPorts, tell: Callable[[Sequence[Event]], None]) -> None:
        provider.records.relay(tell)


class TestDocuments(OnTheSimulatedCloud, DocumentsContract):
    """D1 to D6."""


class TestQueue(OnTheSimulatedCloud, QueueContract):
    """Q1 to Q9."""

    def deliver(self, provider: SimulatedPorts, queue: str, handle: Handle) -> int:
        return work_off(provider, queue, handle)

    def hands_out(self, provider: SimulatedPorts, queue: str, *, after: int) -> bool:
        provider.scheduler.now += after * 1000
        return provider.queue.receive(queue) is not None


class TestEvents(OnTheSimulatedCloud, EventsContract):
    """E1 to E5."""

    def deliver(self, provider: SimulatedPorts, handlers: Mapping[str, Told]) -> None:
        for handler, tell in handlers.items():

            def handle(message: QueueMessage, tell: Told = tell) -> None:
                tell(Event(message.body["id"], message.body["name"], message.body["body"]))

            work_off(provider, handler, handle)


class TestTimers(OnTheSimulatedCloud, TimersContract):
    """M1 to M4."""

    def fire(self, provider: SimulatedPorts, at: int) -> list[Fired]:
        return [(timer.handler, timer.body) for timer in provider.timers.take_due(at * 1000)]


class TestSecrets(OnTheSimulatedCloud, SecretsContract):
    """S1 to S4."""


class TestConnections(OnTheSimulatedCloud, ConnectionsContract):
    """C1 to C3."""

    def connect(self, provider: SimulatedPorts) -> tuple[str, list[dict[str, Any]]]:
        connection = provider.ids.new("ws")
        provider.connections.attach(connection)
        return connection, provider.connections.pushed[connection]

    def disconnect(self, provider: SimulatedPorts, connection: str) -> None:
        provider.connections.vanish(connection)


class TestChannels(OnTheSimulatedCloud, ChannelsContract):
    """H1 and H2."""

    def sent(self, provider: SimulatedPorts) -> list[Outgoing]:
        return provider.channels.sent


class TestTenants(OnTheSimulatedCloud, TenantsContract):
    """T1 to T7."""

    def elsewhere(self, provider: SimulatedPorts) -> SimulatedTenants:
        return SimulatedTenants(provider.clock, provider.directory, here="elsewhere")

    def wait(self, provider: SimulatedPorts, seconds: int) -> None:
        provider.scheduler.now += seconds * 1000


class TestSmallPorts(OnTheSimulatedCloud, ClockContract, IdsContract, TelemetryContract):
    """K1 to K3, I1, L1 and L2."""

    def another_clock(self, provider: SimulatedPorts) -> Clock:
        return SimulatedClock(provider.scheduler, 500)

    def told(self, provider: SimulatedPorts) -> str:
        return json.dumps(provider.telemetry.told)


class TestBilling(OnTheSimulatedCloud, BusinessSystemsContract):
    """B1 to B5, with the sandbox company's own example."""

    example = OnBilling.example

    def break_down(self, provider: SimulatedPorts, fault: Fault | None) -> None:
        provider.business_systems.set_fault(self.example.system, fault)


@dataclass
class SimulatedEngine:
    """The engine, its clock, and who does the tasks at the moment."""

    scheduler: Scheduler
    work: Work
    workflows: SimulatedWorkflows


class TestWorkflows(WorkflowsContract):
    """W1 to W4."""

    @pytest.fixture
    def provider(self) -> SimulatedEngine:
        scheduler = Scheduler(1, now_ms())

        def invoke(resource: str, given: Any) -> Any:
            try:
                return engine.work(resource, given)
            except WorkerDied as death:
                raise Crash from death

        engine = SimulatedEngine(
            scheduler, Worker(), SimulatedWorkflows(scheduler, invoke, definition_of=definition_of)
        )
        return engine

    def drive(self, provider: SimulatedEngine, work: Work) -> None:
        """Time stands still while anything can be done, and where an operator is waited for."""
        provider.work = work
        provider.scheduler.run(provider.scheduler.now)
        if not any(run.tokens for run in provider.workflows.running()):
            provider.scheduler.run(provider.scheduler.now + SHORT_MS)

    def drive_besides(self, provider: SimulatedEngine, work: Work) -> None:
        """There is one scheduler, which cannot be entered from inside a task: rivals are the simulator's own matter."""

    def reopen(self, provider: SimulatedEngine) -> SimulatedEngine:
        return provider

    def pass_time(self, provider: SimulatedEngine, seconds: int) -> None:
        provider.scheduler.run(provider.scheduler.now + seconds * 1000)


def definition_of(machine: str) -> dict[str, Any]:
    definition: dict[str, Any] = substitute(DEFINITIONS[machine], lambda handler: handler)
    return definition
