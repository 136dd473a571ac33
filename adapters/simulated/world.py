"""A simulated cloud at work: what is stored is relayed, queues are worked off, turns run, the clock calls."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from adapters.simulated.business_systems import SimulatedSystems
from adapters.simulated.channels import SimulatedChannels
from adapters.simulated.clock import SimulatedClock
from adapters.simulated.connections import SimulatedConnections
from adapters.simulated.documents import SimulatedDocuments
from adapters.simulated.events import SimulatedEvents
from adapters.simulated.faults import Plan
from adapters.simulated.ids import SimulatedIds
from adapters.simulated.process import Process
from adapters.simulated.provider import SimulatedProvider
from adapters.simulated.queue import SimulatedQueue
from adapters.simulated.records import SimulatedRecords, Watch
from adapters.simulated.scheduler import Crash, Scheduler
from adapters.simulated.secrets import SimulatedSecrets
from adapters.simulated.telemetry import SimulatedTelemetry
from adapters.simulated.tenants import HERE, SimulatedTenants
from adapters.simulated.timers import SimulatedTimers
from adapters.simulated.workflows import SimulatedWorkflows
from shared.company.company import Company
from shared.manifest import HANDLERS, SUBSCRIPTIONS
from shared.ports.queue import QueueMessage
from shared.ports.records import Event

TURNS = "turns"
TENANTS = ("demo",)
KEY_BYTES = 64
SOON_MS, AGAIN_MS = 20, 2_000
DELAY_MS = 45_000
MINUTE = tuple(handler.name for handler in HANDLERS if handler.trigger == "minute")
Wrap = Callable[[SimulatedProvider], SimulatedProvider]


class World:
    """Everything that one seed plays in; `cloud` is what its processes share and invariants read."""

    def __init__(
        self,
        seed: int,
        start: int,
        plan: Plan,
        company: Company,
        *,
        wrap: Wrap,
        watch_rows: Watch,
        watch_actions: Callable[[str, str, dict[str, Any], str], None],
    ) -> None:
        self.scheduler, self.plan, self.company = Scheduler(seed, start), plan, company
        self._wrap, self._random = wrap, random.Random(f"keys {seed}")  # noqa: S311 - to be repeated
        clock = SimulatedClock(self.scheduler)
        queue = SimulatedQueue(clock)
        self.cloud = SimulatedProvider(
            records=SimulatedRecords(clock, watch_rows),
            documents=SimulatedDocuments(),
            queue=queue,
            events=SimulatedEvents(queue, SUBSCRIPTIONS),
            workflows=SimulatedWorkflows(self.scheduler, self.run_task, strike=self._strike_start),
            timers=SimulatedTimers(),
            secrets=SimulatedSecrets(),
            connections=SimulatedConnections(),
            channels=SimulatedChannels(),
            business_systems=SimulatedSystems(watch_actions),
            tenants=SimulatedTenants(clock),
            telemetry=SimulatedTelemetry(),
            clock=clock,
            ids=SimulatedIds(seed),
        )
        for tenant in TENANTS:
            self.cloud.tenants.add(tenant, HERE)
        self.facts: Counter[str] = Counter()
        self._idle: list[Process] = []
        self._poisoned: set[str] = set()
        self._count = 0
        self._relaying = False

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler on some process, as the API does; raises what it raises, Crash where the process died."""
        return self._on_process(lambda process: process.app.call(handler, payload))

    def run_task(self, handler: str, payload: Any) -> Any:
        return self._on_process(lambda process: process.app.call_task(handler, payload))

    def look_again(self) -> None:
        """Work off what is stored and waits: called whenever something was, because nobody polls here."""
        if self.cloud.records.untold and not self._relaying:
            self._relaying = True
            self.scheduler.spawn("relay", self._relay, after_ms=SOON_MS)

    def minute(self, tenant: str) -> None:
        """The clock calls its handlers: sometimes not at all, sometimes twice (F58)."""
        fault = self.plan.strike("minute", self.scheduler.now)
        times = {"minute_lost": 0, "minute_doubled": 2}.get(fault, 1)
        for _ in range(times):
            for handler in MINUTE:
                task = self.scheduler.spawn(handler, partial(self.call, handler, {"tenant": tenant}))
                task.after.append(lambda _: self.look_again())

    def deliver(self, queue: str) -> None:
        """Hand one visible message of a queue to its handler."""
        message = self.cloud.queue.receive(queue, self.scheduler.random.randrange(8))
        if message is None:
            return
        self.scheduler.spawn("lease", partial(self.deliver, queue), after_ms=340_000)
        fault = self.plan.strike("deliver", self.scheduler.now)
        self.scheduler.note(f"deliver {queue} {message.broker_id} {fault}")
        if fault == "duplicate":
            self.cloud.queue.duplicate(message)
            self.facts["delivered while running"] += bool(self.cloud.workflows.running())
            self.expect(queue)
        if fault == "delay":
            self.scheduler.sleep(DELAY_MS)
        if fault == "poison":  # as if a deployed version could not handle it, until somebody redrives it
            self._poisoned.add(message.broker_id)
        self._handle(message, {"junk": True} if message.broker_id in self._poisoned else message.body)

    def expect(self, queue: str, *, after_ms: int = SOON_MS) -> None:
        """Somebody will look into a queue."""
        self.scheduler.spawn("deliver", partial(self.deliver, queue), after_ms=after_ms)

    def _strike_start(self) -> str:
        return self.plan.strike("engine", self.scheduler.now)

    def _handle(self, message: QueueMessage, body: dict[str, Any]) -> None:
        handler = "orchestrator.start" if message.queue == TURNS else message.queue
        try:
            self.call(handler, body)
        except Crash:
            return  # its lease runs out
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the queue's to retry
            self.cloud.queue.fail(message, type(error).__name__)
            self.expect(message.queue, after_ms=61_000)
        else:
            self.cloud.queue.delete(message)

    def _relay(self) -> None:
        try:
            self.cloud.records.relay(self._tell_relay)
        except (Exception, Crash):  # noqa: BLE001 - what could not be told waits, and is told again
            self.scheduler.note("relay failed")
        self._relaying = False
        if self.cloud.records.untold:
            self._relaying = True
            self.scheduler.spawn("relay", self._relay, after_ms=AGAIN_MS)

    def _tell_relay(self, events: Sequence[Event]) -> None:
        self.call("intake.relay", {"events": [asdict(event) for event in events]})
        for queue in (TURNS, *SUBSCRIBERS):
            for _ in events:
                self.expect(queue)

    def _on_process(self, work: Callable[[Process], Any]) -> Any:
        process = self._idle.pop() if self._idle else self._begin_process()
        try:
            return work(process)
        finally:
            if not process.dead:
                self._idle.append(process)
            self.look_again()

    def _begin_process(self) -> Process:
        self._count += 1
        name = f"p{self._count}"
        return Process(name, self.cloud, self.scheduler, self.plan, self.company, self._wrap, self._new_key)

    def _new_key(self) -> bytes:
        return self._random.randbytes(KEY_BYTES)


SUBSCRIBERS = tuple(sorted({handler for handlers in SUBSCRIPTIONS.values() for handler in handlers}))
