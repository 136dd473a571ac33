"""The platform at work on one machine: what arrives is relayed, turns are driven in process, subscribers are told."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.local.provider import LocalProvider, open_provider
from adapters.local.waiting import wait_for_call, wait_for_message
from shared.company.company import Company
from shared.dispatch import Application
from shared.manifest import HANDLERS
from shared.ports.clock import Clock
from shared.ports.queue import QueueMessage
from shared.settings import Settings

TURNS = "turns"
LONGEST_PAUSE_SECONDS = 5.0
MOST_RELAYED = 100  # what the relay takes at once: where it took less, the shard was empty


class Platform:
    """One data folder's platform; `pump` works off everything that can be worked on now."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep, self._tenant = sleep, settings.tenant
        self._interruptions: dict[str, Callable[[], None]] = {}
        self.provider: LocalProvider = open_provider(folder, self._invoke, clock=clock)
        self.app = Application(self.provider, Company(settings.company))

    def call(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler directly, as the API does."""
        with wait_for_call(self.provider.store, handler):
            return self.app.call(handler, payload)

    def close(self) -> None:
        self.provider.close()

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
            self._work(message, lambda found: self.app.call("orchestrator.start", found.body))

    def settle(self) -> None:
        """Pump, and wait for what comes back soon: a message that failed is seen again after its pause."""
        self.pump()
        while (pause := self._next_pause()) is not None:
            self._sleep(pause)
            self.pump()

    def tick(self) -> None:
        """What the clock asks for: the handlers of every minute, and timers that are due; then all that follows."""
        for handler in (each for each in HANDLERS if each.trigger == "minute"):
            self._try(handler.name, {"tenant": self._tenant})
        now = self.provider.clock.now()
        self.provider.workflows.fire_due(now)
        for timer in self.provider.timers.due(now):
            self._try(timer.handler, timer.body)
            self.provider.timers.done(timer)
        self.pump()

    def _try(self, handler: str, payload: dict[str, Any]) -> None:
        """One that fails is called again in a minute and stops nobody else."""
        try:
            self.app.call(handler, payload)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others have their minute too
            self.provider.telemetry.fact("minute_failed", handler=handler, error=type(error).__name__)

    def _relay(self) -> bool:
        told = 0
        for shard in sorted(self.provider.records.take_touched()):
            relayed = MOST_RELAYED
            while relayed >= MOST_RELAYED:
                relayed = self._tell("intake.relay", {"shard": shard})["events"]
                told += relayed
        return told > 0

    def _take_turn(self) -> bool:
        message = self.provider.queue.receive(TURNS, self.provider.clock.now())
        if message is None:
            return False
        self._work(message, self._start_turn)
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
            self._work(message, lambda found: self._tell(found.queue, found.body))
        return message is not None

    def _tell(self, handler: str, payload: dict[str, Any]) -> Any:
        """Call a handler for what is stored, and forgotten only afterwards."""
        with wait_for_message(self.provider.store, handler):
            return self.app.call(handler, payload)

    def _work(self, message: QueueMessage, handle: Callable[[QueueMessage], Any]) -> None:
        """A message that fails comes back, and is a dead letter in the end; it stops nobody else (I16)."""
        try:
            handle(message)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is the queue's to retry
            self.provider.telemetry.fact("message_failed", queue=message.queue, error=type(error).__name__)
            self.provider.queue.fail(message, f"{type(error).__name__}: {error}")
        else:
            self.provider.queue.delete(message)

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

    def interrupt(self, handler: str, action: Callable[[], None]) -> None:
        """Let `action` happen just before the next task of `handler`, as another worker would."""
        self._interruptions[handler] = action

    def _invoke(self, resource: str, payload: Any) -> Any:
        self._interruptions.pop(resource, _nothing)()
        try:
            with wait_for_call(self.provider.store, resource):
                return self.app.call_task(resource, payload)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            self.provider.telemetry.fact("task_failed", handler=resource, error=type(error).__name__, place=place)
            raise


def _nothing() -> None:
    """Nobody interrupts."""
