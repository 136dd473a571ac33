"""What the platform costs on AWS: counted operations (operations.json) times list prices (prices.toml).

Counted: every request, unit, invocation and transition of a ticket. Modelled, from assumptions.toml: how long a
function runs and a workflow lasts. A Lambda of less than `vcpu_mb` gets its share of a CPU, so computing costs the same
at any memory, and only waiting grows with it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from adapters.aws.prices import Amounts, Prices, add, read_prices, times
from shared.manifest import FUNCTIONS

HERE = Path(__file__).parent
THOUSAND = 1000
MINUTES_A_MONTH = Decimal(730 * 60)
DAYS_A_MONTH = Decimal("30.4")
STAGES = ("dev", "prod")
KINDS = ("auto_resolved", "escalated")
INSTEAD = {"e_mail": "by_mail", "api": "by_api"}  # other ways in and out, and what was counted of them
EXPRESS_GB = Decimal(64) / 1024
EXPRESS_STEP_MS = 100
TASKS = frozenset(function.name for function in FUNCTIONS if function.trigger == "task")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take; milliseconds, and MB of memory by function ("" is every other)."""

    vcpu_mb: Decimal
    cpu_factor: Decimal
    call_cpu_ms: Decimal
    start_cpu_ms: Decimal
    state_ms: Decimal
    waits: Mapping[str, Decimal]
    memory_mb: Mapping[str, Decimal]

    def billed_ms(self, function: str, work: Work, *, cold: bool) -> Decimal:
        """What one function's part of a ticket is charged for, all its invocations together."""
        called = sum(work.waits.values())
        cpu = work.cpu_ms * self.cpu_factor + called * self.call_cpu_ms
        if cold:
            cpu += work.calls * self.start_cpu_ms * self.cpu_factor
        waited = sum((self.waits[service] * number for service, number in work.waits.items()), Decimal(0))
        return cpu * self.vcpu_mb / self.memory_of(function) + waited

    def gb_seconds(self, function: str, work: Work, *, cold: bool) -> Decimal:
        return self.billed_ms(function, work, cold=cold) / 1000 * self.memory_of(function) / 1024

    def memory_of(self, function: str) -> Decimal:
        return self.memory_mb.get(function, self.memory_mb[""])


@dataclass(frozen=True, slots=True)
class Work:
    """One function's part of a ticket: invocations, their CPU here, and the calls that it waited for by service."""

    calls: int
    cpu_ms: Decimal
    waits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: units of prices.toml, states that the turn's machine entered, work by function."""

    units: Amounts
    transitions: int
    functions: Mapping[str, Work]


@dataclass(frozen=True, slots=True)
class Assumed:
    """assumptions.toml."""

    timing: Timing
    mix: Mapping[str, Decimal]
    extra: Mapping[str, Amounts]
    tokens: Mapping[str, Decimal]
    idle_minute: Amounts


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that the figures stand on."""

    prices: Prices
    counted: Mapping[str, Counted]
    standing: Mapping[str, Amounts]
    assumed: Assumed
    measured: str

    def ticket(self, kind: str, *, cold: bool = False, standard: bool = False) -> dict[str, Decimal]:
        """The amounts of one ticket; `standard`: turns run as a Standard workflow instead of an Express one."""
        counted, timing = self.counted[kind], self.assumed.timing
        return add(counted.units, self._machine(counted, cold, standard), lambdas(counted, timing, cold=cold),
                   times(self.assumed.extra["cold"], calls_of(counted)) if cold else {})  # fmt: skip

    def _machine(self, counted: Counted, cold: bool, standard: bool) -> Amounts:
        """The turn's own machine; an escalation's transitions are among the counted units."""
        if standard:
            return {"states.transition": Decimal(counted.transitions)}
        timing = self.assumed.timing
        tasks = {name: work for name, work in counted.functions.items() if name in TASKS}
        took = [timing.billed_ms(name, work, cold=cold) for name, work in tasks.items()]
        lasts = sum(took, counted.transitions * timing.state_ms)
        steps = -(-lasts // EXPRESS_STEP_MS)
        seconds = steps * EXPRESS_STEP_MS / 1000
        return {"states.express_request": Decimal(1), "states.express_gb_second": seconds * EXPRESS_GB}

    def blended(self, *, cold: bool = False) -> dict[str, Decimal]:
        """The amounts of one ticket of the usual mix."""
        share = self.assumed.mix["escalated"]
        kinds = {"auto_resolved": 1 - share, "escalated": share}
        return add(*(times(self.ticket(kind, cold=cold), part) for kind, part in kinds.items()))

    def beside(self, line: str) -> dict[str, Decimal]:
        """The amounts of one line of its own: what another channel adds to a ticket by chat, a page, a replica."""
        extra = self.assumed.extra.get(line, {})
        if line in INSTEAD:
            return add(self.ticket(INSTEAD[line]), times(self.ticket("auto_resolved"), -1), extra)
        if line == "open_chat":
            counted = self.counted["open_page"]
            return add(counted.units, lambdas(counted, self.assumed.timing, cold=False), extra)
        return add(extra)

    def idle_month(self, stage: str) -> dict[str, Decimal]:
        """What a stage costs in one region while nobody writes, with one tenant."""
        minute = self.counted["minute"]
        each = add(minute.units, lambdas(minute, self.assumed.timing, cold=False), self.assumed.idle_minute)
        return add(self.standing[stage], times(each, MINUTES_A_MONTH))

    def model_per_1000(self) -> dict[str, Decimal]:
        """Dollars for a thousand tickets by model, for the tokens that are assumed."""
        names = dict.fromkeys(unit.split(".")[1] for unit in self.prices.by_unit if unit.startswith("model."))
        tokens = self.assumed.tokens
        return {
            name: self.prices.total({f"model.{name}.{kind}": number * THOUSAND for kind, number in tokens.items()})
            for name in names
        }

    def month(self, tickets_a_day: int) -> dict[str, dict[str, Decimal]]:
        """The amounts of a month of prod in one region: tickets, what e-mail adds, what is kept, what stands."""
        tickets = tickets_a_day * DAYS_A_MONTH
        mix = self.assumed.mix
        kept_gb = tickets * mix["months_kept"] * mix["kept_kb"] / 1024**2
        return {
            "tickets": times(self.blended(), tickets),
            "e_mail": times(self.beside("e_mail"), tickets * mix["e_mail"]),
            "kept": {"dynamodb.gb_month": kept_gb, "dynamodb.backup_gb_month": kept_gb},
            "standing": self.idle_month("prod"),
            "metrics": times(self.assumed.extra["busy_month"], min(tickets_a_day, 1)),
        }


def lambdas(counted: Counted, timing: Timing, *, cold: bool) -> dict[str, Decimal]:
    """Requests and GB-seconds of every function."""
    seconds = [timing.gb_seconds(name, work, cold=cold) for name, work in counted.functions.items()]
    return {"lambda.request": Decimal(calls_of(counted)), "lambda.gb_second": sum(seconds, Decimal(0))}


def calls_of(counted: Counted) -> int:
    """Invocations in all."""
    return sum(work.calls for work in counted.functions.values())


@cache
def read_model() -> Model:
    """The three files as they ship."""
    operations = json.loads((HERE / "operations.json").read_text("utf-8"), parse_float=Decimal)
    assumed = tomllib.loads((HERE / "assumptions.toml").read_text("utf-8"), parse_float=Decimal)
    counted = {kind: read_counted(row) for kind, row in operations["counted"].items()}
    standing = {stage: decimals(row) for stage, row in operations["standing"].items()}
    return Model(read_prices(), counted, standing, read_assumed(assumed), operations["measured"])


def read_counted(row: Mapping[str, Any]) -> Counted:
    functions = {
        name: Work(each["calls"], Decimal(each["cpu_ms"]), each["waits"]) for name, each in row["functions"].items()
    }
    return Counted(decimals(row["units"]), row.get("transitions", 0), functions)


def read_assumed(row: Mapping[str, Any]) -> Assumed:
    timing = dict(row["timing"])
    waits, memory = decimals(timing.pop("waits")), decimals(timing.pop("memory_mb"))
    return Assumed(
        Timing(**decimals(timing), waits=waits, memory_mb=memory),
        decimals(row["mix"]),
        {name: decimals(each) for name, each in row["extra"].items()},
        decimals(row["model"]["tokens"]),
        decimals(row["idle_minute"]),
    )


def decimals(row: Mapping[str, int | Decimal]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in row.items()}
