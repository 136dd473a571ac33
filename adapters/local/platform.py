"""The platform at work on one machine: what arrives is relayed, turns are driven in process, subscribers are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from adapters.local.entry import Entry
from shared.manifest import HANDLERS
from shared.ports.clock import Clock
from shared.ports.queue import QueueMessage
from shared.ports.records import Event
from shared.settings import Settings

TURNS = "turns"
LONGEST_PAUSE_SECONDS = 5.0


class Platform(Entry):
    """An entry that fetches its own work; `pump` works off everything that can be worked on now."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(folder, settings, clock=clock)
        self._sleep, self._tenant = sleep, settings.tenant

    def pump(self) -> None:
        """Relay, drive and tell until nothing is left that can be done now."""
        while self._relay() or self._take_turn() or self._tell_subscriber() or self._drive_ready():
            continue

    def step(self) -> bool:
        """One piece of work of each kind that waits, so that no kind starves another; whether there was any."""
        told = [self._tell_one(queue) for queue in self.provider.events.queues]
        return any([self._relay(), self._take_turn(), *told, self._drive_ready(1)])

    def look(self) -> None:
        """Relay, and start what came in, without driving anything: what another worker does meanwhile."""
        self._relay()
        while message := self.provider.queue.receive(TURNS, self.provider.clock.now()):
            self.work(message, lambda found: self.app.call("orchestrator.start", found.body))

    def settle(self) -> None:
        """Pump, and wait for what comes back soon: a message that failed is seen again after its pause."""
        self.pump()
        while (pause := self._next_pause()) is not None:
            self._sleep(pause)
            self.pump()

    def tick(self) -> None:
        """What the clock asks for: the handlers of every minute, and timers that are due; then all that follows."""
        for handler in (each for each in HANDLERS if each.trigger == "minute"):
            self.try_call(handler.name, {"tenant": self._tenant})
        now = self.provider.clock.now()
        self.provider.workflows.fire_due(now)
        for timer in self.provider.timers.due(now):
            self.try_call(timer.handler, timer.body)
            self.provider.timers.done(timer)
        self.pump()

    def _relay(self) -> bool:
        return self.provider.records.relay(self._tell_relay) > 0

    def _tell_relay(self, events: Sequence[Event]) -> None:
        self.tell("intake.relay", {"events": [asdict(event) for event in events]})

    def _take_turn(self) -> bool:
        message = self.provider.queue.receive(TURNS, self.provider.clock.now())
        if message is None:
            return False
        self.work(message, self._start_turn)
        return True

    def _start_turn(self, message: QueueMessage) -> None:
        started = self.app.call("orchestrator.start", message.body)
        if started["state"] in ("claimed", "joined"):
            self.provider.workflows.drive("turn", started["execution"], sleep=self._sleep)

    def _tell_subscriber(self) -> bool:
        return any(self._tell_one(queue) for queue in self.provider.events.queues)

    def _tell_one(self, queue: str) -> bool:
        message = self.provider.queue.receive(queue, self.provider.clock.now())
        if message is not None:
            self.work(message, lambda found: self.tell(found.queue, found.body))
        return message is not None

    def _drive_ready(self, at_most: int | None = None) -> bool:
        ready = self.provider.workflows.ready()[:at_most]
        for machine, name in ready:
            self.provider.workflows.drive(machine, name)
        return bool(ready)

    def _next_pause(self) -> float | None:
        """Seconds until a message is visible again, None where none waits or it waits for long."""
        soonest = min(self.provider.queue.quiet_until(queue) for queue in (TURNS, *self.provider.events.queues))
        pause = (soonest - self.provider.clock.now()) / 1000
        return max(0.0, pause) if pause <= LONGEST_PAUSE_SECONDS else None
