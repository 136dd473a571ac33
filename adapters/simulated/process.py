"""One simulated process: its own warm application on the shared cloud, every port call of which can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from adapters.simulated.clock import SimulatedClock
from adapters.simulated.faults import Plan
from adapters.simulated.provider import SimulatedProvider
from adapters.simulated.scheduler import Crash, Scheduler
from shared.company.company import Company
from shared.dispatch import Application
from shared.errors import Conflict, Throttled, Unavailable, Uncertain
from shared.privacy.vault import Vault

UNTOUCHED = ("telemetry", "ids", "clock", "tenants")
FREEZE_MS = (10_000, 70_000, 400_000)
LATE_MS = 40_000
OUTAGE_MS = 150_000

REFUSALS: dict[str, Callable[[], Exception]] = {
    "throttled": lambda: Throttled("simulated: not now"),
    "conflict": lambda: Conflict("simulated: another transaction is in the way"),
    "uncertain_not_done": lambda: Uncertain("simulated: no answer"),
    "request_lost": lambda: Uncertain("simulated: no answer"),
    "system_down": lambda: Unavailable("simulated: down"),
}
SILENT = ("uncertain_done", "fails_after")


class Process:
    """Calls handlers; after a crash its ports stay dead. `wrap` puts a mutant between a port and its users."""

    def __init__(
        self,
        name: str,
        cloud: SimulatedProvider,
        scheduler: Scheduler,
        plan: Plan,
        company: Company,
        wrap: Callable[[SimulatedProvider], SimulatedProvider],
        new_key: Callable[[], bytes],
    ) -> None:
        self.name, self.dead = name, False
        self._cloud, self._scheduler, self._plan = cloud, scheduler, plan
        error = scheduler.random.choice((-1_000, 1_000)) if plan.strike("process", scheduler.now) else 0
        ports: dict[str, Any] = {
            field.name: GuardedPort(field.name, getattr(cloud, field.name), self)
            for field in fields(SimulatedProvider)
            if field.name not in UNTOUCHED
        }
        ports |= {
            "telemetry": cloud.telemetry,
            "ids": cloud.ids,
            "tenants": cloud.tenants,
            "clock": SimulatedClock(scheduler, error),
        }
        provider = wrap(SimulatedProvider(**ports))
        self.app = Application(provider, company)
        self.app.vault = Vault(provider.records, provider.secrets, provider.clock, new_key)

    def pass_through(self, point: str, call: Callable[..., Any], arguments: Any, named: Any) -> Any:
        """A port call, suspended before and after it, with the fault that it meets."""
        self._wait()
        fault = self._plan.strike(point, self._scheduler.now)
        self._scheduler.note(f"{self.name} {point} {fault}")
        if fault == "freeze":
            self._scheduler.sleep(self._scheduler.random.choice(FREEZE_MS))
        elif fault == "crash_before":
            self._die()
        elif fault == "outage":
            self._break_down(arguments[0])
        elif fault == "acts_late":
            self._scheduler.spawn("late", lambda: call(*arguments, **named), after_ms=LATE_MS)
            raise Uncertain("simulated: no answer yet")
        elif fault in REFUSALS:
            raise REFUSALS[fault]()
        answer = call(*arguments, **named)
        if fault == "crash_after":
            self._die()
        self._wait()
        if fault in SILENT:
            raise Uncertain("simulated: done, and no answer")
        return answer

    def _break_down(self, system: str) -> None:
        """A system of the company is down for everybody, for a while."""
        systems = self._cloud.business_systems
        systems.set_fault(system, "down")
        self._scheduler.spawn("mended", lambda: systems.set_fault(system, None), after_ms=OUTAGE_MS)

    def _wait(self) -> None:
        if self.dead:
            raise Crash
        self._scheduler.pause()
        if self.dead:
            raise Crash

    def _die(self) -> None:
        self.dead = True
        raise Crash


class GuardedPort:
    """A port whose methods pass through their process."""

    def __init__(self, name: str, port: Any, process: Process) -> None:
        self._name, self._port, self._process = name, port, process

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        point, process = f"{self._name}.{method}", self._process

        def call(*arguments: Any, **named: Any) -> Any:
            return process.pass_through(point, found, arguments, named)

        self.__dict__[method] = call
        return call
