"""The faults that can be injected, and the plan by which a seed chooses among them.

Each seed breaks only some things (a "swarm"), so that rare combinations are met, and stops breaking them after a while,
so that what must happen in the end can be seen to happen.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

HALF = 0.5
QUIET = 0.03  # of the seeds have nothing but poison: only there can be seen whom it delays (I16)
FREE = ("process", "world skew", "world expiry")  # what is wrong from the beginning uses up none of a seed's faults


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: the rows of faults_and_attacks that it stands for, the port calls that can meet it (`*` any
    method, `*.*` any call), and how likely one call is to meet it in a seed that has it.
    """

    name: str
    numbers: tuple[int, ...]
    meets: tuple[str, ...]
    chance: float
    says: str


FAULTS: tuple[Fault, ...] = (
    Fault("crash_before", (17, 20, 24), ("*.*",), 0.003, "the process dies before the call"),
    Fault("crash_after", (7, 8, 18, 19), ("*.*",), 0.003, "the process dies after the call"),
    Fault("power_cut", (24, 60), ("*.*",), 0.0005, "every process dies at one moment"),
    Fault("freeze", (16, 21), ("*.*",), 0.002, "the process stands still past its lease and comes back"),
    Fault("thawed", (22, 25), ("*.*",), 0.001, "a snapshot is restored: what it remembers is old"),
    Fault("cold_start", (23,), ("process",), 0.3, "a process takes ten seconds to begin"),
    Fault("newer_version", (13, 27), ("process",), 0.3, "the next version writes rows with a field more"),
    Fault("throttled", (26, 53), ("records.*", "queue.send", "events.publish"), 0.004, "the store says not now"),
    Fault("conflict", (51, 52), ("records.write",), 0.01, "another transaction is in the way"),
    Fault("uncertain_done", (55,), ("records.write", "queue.send", "events.publish"), 0.005, "written, and no answer"),
    Fault("uncertain_not_done", (55,), ("records.write",), 0.005, "not written, and no answer"),
    Fault("expires_early", (57,), ("world expiry",), 0.5, "rows that expire are gone five minutes early"),
    Fault("request_lost", (41,), ("business_systems.act",), 0.2, "the system never heard of it, and no answer"),
    Fault("system_down", (49,), ("business_systems.*",), 0.05, "the company's system is down"),
    Fault("outage", (49,), ("business_systems.*",), 0.02, "the company's system is down for minutes"),
    Fault("fails_after", (40, 41), ("business_systems.act",), 0.3, "the system acts and gives no answer"),
    Fault("acts_late", (42, 43), ("business_systems.act",), 0.3, "no answer now; it acts later, 409 until then"),
    Fault("books_rounded", (46,), ("business_systems.act",), 0.3, "the system does it for a rounded amount"),
    Fault("books_other_units", (50,), ("business_systems.act",), 0.2, "the system takes cents for whole units"),
    Fault("duplicate", (1, 2), ("deliver",), 0.1, "the broker delivers a message twice"),
    Fault("delay", (4, 5, 54), ("deliver",), 0.1, "the broker holds a message back, and views stay behind"),
    Fault("long_delay", (6,), ("deliver",), 0.03, "the broker holds a message back past its deadline"),
    Fault("dropped", (15,), ("deliver",), 0.05, "the broker loses a message that says where to look"),
    Fault("poison", (11, 12), ("deliver",), 0.03, "a message that nobody can handle is in the queue"),
    Fault("rival_start", (1,), ("engine",), 0.1, "an execution is started twice"),
    Fault("lost_run", (24,), ("engine",), 0.05, "the engine forgets an execution in the middle"),
    Fault("minute_lost", (58,), ("minute",), 0.2, "the clock does not call"),
    Fault("minute_late", (58,), ("minute",), 0.2, "the clock calls minutes later, after the next call"),
    Fault("minute_doubled", (58,), ("minute",), 0.2, "the clock calls twice"),
    Fault("receipt_doubled", (48,), ("receipt",), 0.3, "what became of a mail is told twice, the last thing first"),
    Fault("receipt_forged", (48,), ("receipt",), 0.2, "what became of a mail that nobody sent is told"),
    Fault("skew", (59,), ("process",), 0.5, "a process's clock is wrong"),
    Fault("clock_jump", (59,), ("*.*",), 0.001, "a process's clock is set, also backwards"),
    Fault("wide_skew", (59,), ("world skew",), 0.5, "clocks may be wrong by five minutes, and say so"),
    Fault("region_lost", (60,), ("region",), 0.06, "a tenant's rows are lost and restored without their last seconds"),
    Fault("home_flap", (60,), ("region",), 0.06, "a tenant's home moves away and back while money is in flight"),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


@dataclass(slots=True)
class Plan:
    """What a seed breaks: which kinds, until when (epoch ms), at most how often. `without` leaves out single faults by
    their number, so that a failing seed can be made smaller.
    """

    random: random.Random
    kinds: tuple[Fault, ...]
    until: int
    at_most: int
    without: frozenset[int] = frozenset()
    injected: Counter[str] = field(default_factory=Counter)
    count: int = 0
    spent: int = 0
    _by_point: dict[str, tuple[Fault, ...]] = field(default_factory=dict)

    def strike(self, point: str, now: int) -> str:
        """The fault that a point meets now, or nothing."""
        kinds = self._by_point.get(point)
        if kinds is None:
            kinds = self._by_point[point] = tuple(each for each in self.kinds if _meets(each, point))
        if now >= self.until or self.spent >= self.at_most:
            return ""
        for kind in kinds:
            if self.random.random() < kind.chance:
                return self._take(kind, point)
        return ""

    def _take(self, kind: Fault, point: str) -> str:
        self.count += 1
        self.spent += point not in FREE
        if self.count in self.without:
            return ""
        self.injected[kind.name] += 1
        return kind.name


def make_plan(seed: int, until: int, *, only: tuple[str, ...] = (), without: frozenset[int] = frozenset()) -> Plan:
    """A seed's plan: each kind with even chance, or those named `only`."""
    chooser = random.Random(f"plan {seed}")  # noqa: S311 - a simulation wants to be repeated
    kinds = tuple(each for each in FAULTS if chooser.random() < HALF)
    if random.Random(f"calm {seed}").random() < QUIET:  # noqa: S311 - to be repeated
        kinds = (BY_NAME["poison"],)
    if only:
        kinds = tuple(BY_NAME[name] for name in only)
    return Plan(chooser, kinds, until, chooser.randint(2, 14), without)


def _meets(fault: Fault, point: str) -> bool:
    port, _, _ = point.partition(".")
    return any(each in (point, f"{port}.*") or (each == "*.*" and "." in point) for each in fault.meets)
