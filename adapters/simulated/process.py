"""One simulated process: its own warm application on the shared cloud, every port call of which can go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from adapters.simulated.clock import SimulatedClock
from adapters.simulated.faults import Plan
from adapters.simulated.provider import SimulatedProvider
from adapters.simulated.scheduler import Crash, Scheduler
from shared.company.company import Company
from shared.dispatch import Application
from shared.errors import Conflict, Throttled, Unavailable, Uncertain
from shared.ports.records import Batch, Event, Put, Version, Write
from shared.privacy.vault import Vault

UNTOUCHED = ("telemetry", "ids", "clock", "tenants")
FREEZE_MS = (10_000, 70_000, 400_000)
THAW_MS = 600_000
LATE_MS = 40_000
OUTAGE_MS = 150_000
COLD_MS = 10_000
NEWER = "since_next"  # a field that only the next version knows

REFUSALS: dict[str, Callable[[], Exception]] = {
    "throttled": lambda: Throttled("simulated: not now"),
    "conflict": lambda: Conflict("simulated: another transaction is in the way"),
    "uncertain_not_done": lambda: Uncertain("simulated: no answer"),
    "request_lost": lambda: Uncertain("simulated: no answer"),
    "system_down": lambda: Unavailable("simulated: down"),
}
SILENT = ("uncertain_done", "fails_after")
BOOKS: dict[str, Callable[[int], int]] = {
    "books_rounded": lambda amount: amount - amount % 100 or amount,
    "books_other_units": lambda amount: max(1, amount // 100),
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where processes run: what they share. `wrap` puts a mutant between ports and their users, `skew` is what their
    clocks promise, `asked` counts what was sent to the company's systems by key.
    """

    cloud: SimulatedProvider
    scheduler: Scheduler
    plan: Plan
    company: Company
    wrap: Callable[[SimulatedProvider], SimulatedProvider]
    new_key: Callable[[], bytes]
    skew: int
    processes: list[Process] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)


class Process:
    """Calls handlers; after a crash its ports stay dead."""

    def __init__(self, site: Site) -> None:
        self.name, self.dead, self._site = f"p{len(site.processes) + 1}", False, site
        site.processes.append(self)
        fault = site.plan.strike("process", site.scheduler.now)
        most = site.skew // 2
        error = site.scheduler.random.choice((-most, most)) if fault == "skew" else 0
        self.clock = SimulatedClock(site.scheduler, error, skew=site.skew)
        if fault == "cold_start":
            site.scheduler.sleep(COLD_MS)
        self.app = self._begin(newer=fault == "newer_version")

    def pass_through(self, point: str, call: Callable[..., Any], arguments: Any, named: Any) -> Any:
        """A port call, suspended before and after it, with the fault that it meets."""
        self._wait()
        scheduler = self._site.scheduler
        fault = self._site.plan.strike(point, scheduler.now)
        scheduler.note(f"{self.name} {point} {fault}")
        if point == "business_systems.act":
            self._site.asked[named["key"]] += 1
        if fault:
            call = self._meet(fault, call, arguments, named)
        answer = call(*arguments, **named)
        if fault == "crash_after":
            self._die()
        self._wait()
        if fault in SILENT:
            if fault == "fails_after":
                self._site.cloud.business_systems.keep_failure(arguments[0], named["key"])
            raise Uncertain("simulated: done, and no answer")
        return answer

    def _meet(self, fault: str, call: Callable[..., Any], arguments: Any, named: Any) -> Callable[..., Any]:
        """What a fault does before the call; the call that is made then, where one is."""
        if fault in REFUSALS:
            raise REFUSALS[fault]()
        if fault == "acts_late":
            self._act_late(call, arguments, named)
        if fault in BOOKS:
            self._site.cloud.business_systems.books = BOOKS[fault]
        elif fault in MEETS:
            MEETS[fault](self, arguments)
            if self.dead:  # while it stood still
                raise Crash
        return call

    def _freeze(self, _: Any) -> None:
        self._site.scheduler.sleep(self._site.scheduler.random.choice(FREEZE_MS))

    def _thaw(self, _: Any) -> None:
        """A snapshot is restored: time has passed, and the monotonic clock and every memory know nothing of it."""
        self._site.scheduler.sleep(THAW_MS)
        self.clock.stood += THAW_MS

    def _jump(self, _: Any) -> None:
        """The clock is set, forwards or backwards, by as much as two clocks may differ."""
        self.clock.error = self._site.skew // 2 if self.clock.error <= 0 else -self._site.skew // 2

    def _crash(self, _: Any) -> None:
        self._die()

    def _cut_power(self, _: Any) -> None:
        """Every process dies at one moment."""
        for each in self._site.processes:
            each.dead = True
        raise Crash

    def _break_down(self, arguments: Any) -> None:
        """A system of the company is down for everybody, for a while."""
        system, systems = arguments[0], self._site.cloud.business_systems
        systems.set_fault(system, "down")
        self._site.scheduler.remind("mended", lambda: systems.set_fault(system, None), after_ms=OUTAGE_MS)

    def _act_late(self, call: Callable[..., Any], arguments: Any, named: Any) -> None:
        """The request arrives later, at the latest when the system says that it may; nobody hears the answer."""
        systems = self._site.cloud.business_systems
        request, bound = (arguments[0], named["key"]), systems.contract(arguments[0]).late_bound
        systems.on_the_way.add(request)

        def arrive() -> None:
            systems.on_the_way.discard(request)
            call(*arguments, **named)

        at_most = LATE_MS if bound is None else min(LATE_MS, bound * 1000)
        self._site.scheduler.remind("late", arrive, after_ms=at_most)
        raise Uncertain("simulated: no answer yet")

    def _begin(self, *, newer: bool) -> Application:
        cloud = self._site.cloud
        ports: dict[str, Any] = {each.name: getattr(cloud, each.name) for each in fields(SimulatedProvider)}
        if newer:
            ports["records"] = NewerRecords(cloud.records)
        ports |= {name: GuardedPort(name, port, self) for name, port in ports.items() if name not in UNTOUCHED}
        provider = self._site.wrap(SimulatedProvider(**ports | {"clock": self.clock}))
        app = Application(provider, self._site.company)
        app.vault = Vault(provider.records, provider.secrets, provider.clock, self._site.new_key)
        return app

    def _wait(self) -> None:
        if self.dead:
            raise Crash
        self._site.scheduler.pause()
        if self.dead:
            raise Crash

    def _die(self) -> None:
        self.dead = True
        raise Crash


MEETS: dict[str, Callable[[Process, Any], None]] = {
    "freeze": Process._freeze,
    "thawed": Process._thaw,
    "clock_jump": Process._jump,
    "crash_before": Process._crash,
    "power_cut": Process._cut_power,
    "outage": Process._break_down,
}


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


class NewerRecords:
    """The records as the next version writes them: one field more in every row and event (F13, F27)."""

    def __init__(self, records: Any) -> None:
        self._records = records

    def __getattr__(self, method: str) -> Any:
        return getattr(self._records, method)

    def write(self, batch: Batch) -> dict[str, Version]:
        events = [Event(each.id, each.name, each.body | {NEWER: 1}) for each in batch.events]
        versions: dict[str, Version] = self._records.write(
            replace(batch, writes=[*map(_with_more, batch.writes)], events=events)
        )
        return versions


def _with_more(write: Write) -> Write:
    return replace(write, body=write.body | {NEWER: 1}) if isinstance(write, Put) else write
