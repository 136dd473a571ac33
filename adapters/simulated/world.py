"""A simulated cloud at work: what is stored is relayed, queues are worked off, turns run, the clock calls."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from adapters.simulated.business_systems import SimulatedSystems
from adapters.simulated.channels import SimulatedChannels
from adapters.simulated.clock import SKEW_MS, WIDE_SKEW_MS, SimulatedClock
from adapters.simulated.connections import SimulatedConnections
from adapters.simulated.documents import SimulatedDocuments
from adapters.simulated.events import SimulatedEvents
from adapters.simulated.faults import Plan
from adapters.simulated.ids import SimulatedIds
from adapters.simulated.process import Process, Site
from adapters.simulated.provider import SimulatedProvider
from adapters.simulated.queue import SimulatedQueue
from adapters.simulated.records import SimulatedRecords, Stored
from adapters.simulated.scheduler import Crash, Scheduler
from adapters.simulated.secrets import SimulatedSecrets
from adapters.simulated.telemetry import SimulatedTelemetry
from adapters.simulated.tenants import HERE, SimulatedTenants
from adapters.simulated.terms import choose_sort, make_terms
from adapters.simulated.timers import SimulatedTimers
from adapters.simulated.workflows import SimulatedWorkflows
from shared.company.company import Company
from shared.errors import SupportMaxError
from shared.manifest import HANDLERS, SUBSCRIPTIONS
from shared.ports.channels import Outgoing
from shared.ports.queue import QueueMessage
from shared.ports.records import Batch, Event

TURNS = "turns"
KEY_BYTES = 64
SOON_MS, AGAIN_MS = 20, 2_000
DELAY_MS, LONG_DELAY_MS = 45_000, 1_500_000
LEASE_OVER_MS, BACK_MS = 340_000, 61_000
MINUTE_LATE_MS = 150_000
EARLY_MS = 300_000
MINUTE = tuple(handler.name for handler in HANDLERS if handler.trigger == "minute")
Wrap = Callable[[SimulatedProvider], SimulatedProvider]


class Witness(Protocol):
    """Whoever watches a world from outside."""

    def see_batch(self, batch: Batch, before: dict[str, Stored | None]) -> None: ...

    def see_action(self, system: str, operation: str, arguments: dict[str, Any], key: str) -> None: ...

    def see_worked_off(self, message: QueueMessage) -> None: ...

    def see_surprise(self, handler: str, error: Exception) -> None: ...


class World:
    """Everything that one seed plays in; `cloud` is what its processes share and invariants read."""

    def __init__(
        self,
        seed: int,
        start: int,
        plan: Plan,
        company: Company,
        witness: Witness,
        tenants: Sequence[str],
        *,
        wrap: Wrap,
    ) -> None:
        self.scheduler, self.plan, self.tenants = Scheduler(seed, start), plan, tenants
        self._witness = witness
        self.skew = WIDE_SKEW_MS if plan.strike("world skew", start) else SKEW_MS
        self.cloud = self._make_cloud(seed, EARLY_MS if plan.strike("world expiry", start) else 0)
        for tenant in tenants:
            self.cloud.tenants.add(tenant, HERE)
        keys = random.Random(f"keys {seed}")  # noqa: S311 - to be repeated
        self.site = Site(self.cloud, self.scheduler, plan, company, wrap, lambda: keys.randbytes(KEY_BYTES), self.skew)
        self.facts: Counter[str] = Counter()
        self.poisoned: dict[str, QueueMessage] = {}
        self._idle: list[Process] = []
        self._relaying = False

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler on some process, as the API does; raises what it raises, Crash where the process died."""
        return self._on_process(handler, lambda process: process.app.call(handler, payload))

    def run_task(self, handler: str, payload: Any) -> Any:
        return self._on_process(handler, lambda process: process.app.call_task(handler, payload))

    def at_home(self, tenant: str) -> bool:
        """Whether this region acts for a tenant, which every entry asks first."""
        return self.cloud.tenants.home(tenant).region == HERE

    def look_again(self) -> None:
        """Work off what is stored and waits: called whenever something was, because nobody polls here."""
        if self.cloud.records.untold and not self._relaying:
            self._relaying = True
            self.scheduler.spawn("relay", self._relay, after_ms=SOON_MS)
        self._expect_fresh()

    def minute(self, tenant: str) -> None:
        """The clock calls its handlers: sometimes not at all, sometimes twice or late (F58)."""
        fault = self.plan.strike("minute", self.scheduler.now)
        if not self.at_home(tenant):
            return
        for _ in range({"minute_lost": 0, "minute_doubled": 2}.get(fault, 1)):
            for handler in MINUTE:
                late = MINUTE_LATE_MS if fault == "minute_late" else 0
                self.scheduler.spawn(handler, partial(self._call_alone, handler, {"tenant": tenant}), after_ms=late)

    def deliver(self, queue: str) -> None:
        """Hand one visible message of a queue to its handler."""
        message = self.cloud.queue.receive(queue, self.scheduler.random.randrange(8))
        if message is None:
            return
        self.scheduler.remind("lease", partial(self._see_lease, message), after_ms=LEASE_OVER_MS)
        fault = self.plan.strike("deliver", self.scheduler.now)
        self.scheduler.note(f"deliver {queue} {message.broker_id} {fault}")
        if fault in DELIVERIES:
            DELIVERIES[fault](self, message)
        if fault not in KEPT_BACK:
            self._handle(message, {"junk": True} if message.broker_id in self.poisoned else message.body)

    def _drop(self, message: QueueMessage) -> None:
        """Only what says where to look may be lost: the clock's calls look there as well."""
        if message.queue == TURNS:
            self.cloud.queue.lose(message)
        else:
            self.cloud.queue.put_back(message, AGAIN_MS)
            self.expect(message.queue, after_ms=AGAIN_MS)

    def _hold_back(self, message: QueueMessage) -> None:
        self.cloud.queue.put_back(message, LONG_DELAY_MS)
        self.expect(message.queue, after_ms=LONG_DELAY_MS + SOON_MS)

    def _double(self, message: QueueMessage) -> None:
        self.cloud.queue.duplicate(message)
        self.facts["delivered while running"] += bool(self.cloud.workflows.running())
        self._expect_fresh()

    def _poison(self, message: QueueMessage) -> None:
        """As if a deployed version could not handle it, until somebody redrives it."""
        self.poisoned[message.broker_id] = message

    def expect(self, queue: str, *, after_ms: int = SOON_MS) -> None:
        """Somebody will look into a queue."""
        self.scheduler.spawn("deliver", partial(self.deliver, queue), after_ms=after_ms)

    def _make_cloud(self, seed: int, early_ms: int) -> SimulatedProvider:
        clock, witness = SimulatedClock(self.scheduler, skew=self.skew), self._witness
        queue = SimulatedQueue(clock, witness.see_worked_off)
        strike = partial(self.plan.strike, "engine")
        return SimulatedProvider(
            records=SimulatedRecords(clock, witness.see_batch, early_ms=early_ms),
            documents=SimulatedDocuments(),
            queue=queue,
            events=SimulatedEvents(queue, SUBSCRIPTIONS),
            workflows=SimulatedWorkflows(self.scheduler, self.run_task, strike=lambda: strike(self.scheduler.now)),
            timers=SimulatedTimers(),
            secrets=SimulatedSecrets(),
            connections=SimulatedConnections(),
            channels=SimulatedChannels(self._send_receipts),
            business_systems=SimulatedSystems(witness.see_action, terms=make_terms(choose_sort(seed)), clock=clock),
            tenants=SimulatedTenants(clock),
            telemetry=SimulatedTelemetry(),
            clock=clock,
            ids=SimulatedIds(seed),
        )

    def _see_lease(self, message: QueueMessage) -> None:
        """A message whose lease has run out may be had again, or another one for which somebody had looked."""
        if self.cloud.queue.is_ready(message.queue):
            self.expect(message.queue)

    def _expect_fresh(self) -> None:
        for (queue, at), times in self.cloud.queue.take_fresh().items():
            for _ in range(times):
                self.expect(queue, after_ms=max(0, at - self.scheduler.now) + SOON_MS)

    def _call_alone(self, handler: str, payload: dict[str, Any]) -> None:
        """Call a handler whose failure nobody hears of, because it is called again."""
        try:
            self.call(handler, payload)
        except (SupportMaxError, Crash) as error:
            self.scheduler.note(f"{handler} {type(error).__name__}")

    def _handle(self, message: QueueMessage, body: dict[str, Any]) -> None:
        handler = "orchestrator.start" if message.queue == TURNS else message.queue
        try:
            self.call(handler, body)
        except Crash:
            return  # its lease runs out
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the queue's to retry
            self.cloud.queue.fail(message, type(error).__name__)
            self.expect(message.queue, after_ms=BACK_MS)
            self._see_lease(message)  # somebody had looked for another one
        else:
            self.cloud.queue.delete(message)

    def _relay(self) -> None:
        try:
            if all(map(self.at_home, self.tenants)):  # another region's events are left alone
                self.cloud.records.relay(self._tell_relay)
        except (SupportMaxError, Crash):  # what could not be told waits, and is told again
            self.scheduler.note("relay failed")
        self._relaying = False
        if self.cloud.records.untold:
            self._relaying = True
            self.scheduler.spawn("relay", self._relay, after_ms=AGAIN_MS)

    def _tell_relay(self, events: Sequence[Event]) -> None:
        told = [{"id": each.id, "name": each.name, "body": each.body} for each in events]
        self.call("intake.relay", {"events": told})

    def _send_receipts(self, message: Outgoing) -> None:
        """The mail's channel tells what became of it: once, or twice and in the wrong order, or of another (F48)."""
        fault = self.plan.strike("receipt", self.scheduler.now)
        kinds = ("delivered", "accepted", "delivered") if fault == "receipt_doubled" else ("accepted", "delivered")
        key = f"{message.key}x" if fault == "receipt_forged" else message.key
        for number, kind in enumerate(kinds):
            task = {"tenant": message.tenant, "key": key, "kind": kind}
            after = self.scheduler.random.randrange(100, 5_000) + number * 5_000
            self.scheduler.spawn("receipt", partial(self._call_alone, "reply.confirm", task), after_ms=after)

    def _on_process(self, handler: str, work: Callable[[Process], Any]) -> Any:
        process = self._take_process()
        try:
            return work(process)
        except SupportMaxError:
            raise
        except Exception as error:
            self._witness.see_surprise(handler, error)
            raise
        finally:
            if not process.dead:
                self._idle.append(process)
            self.look_again()

    def _take_process(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if not process.dead:
                return process
        return Process(self.site)


KEPT_BACK = ("dropped", "long_delay")
DELIVERIES: dict[str, Callable[[World, QueueMessage], None]] = {
    "dropped": World._drop,
    "long_delay": World._hold_back,
    "duplicate": World._double,
    "delay": lambda world, _: world.scheduler.sleep(DELAY_MS),
    "poison": World._poison,
}
