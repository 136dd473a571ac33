"""Every minute: what is due on conversations (dead turns, deadlines, promised follow-ups), and expired approvals."""

from __future__ import annotations

from dataclasses import dataclass

from shared.company.company import Company
from shared.company.lifecycle import close_after_ms
from shared.company.service_levels import load_service_levels
from shared.conversations.due import RETRY_MS, Due, Settled, make_due, read_due, settle_due
from shared.conversations.sweeping import LOOKS, Sweep
from shared.conversations.views import desk_partitions
from shared.effects.expiring import expire_effects
from shared.ports.clock import Clock
from shared.ports.queue import Queue
from shared.ports.records import Records
from shared.ports.telemetry import Telemetry
from shared.ports.tenants import Tenants


@dataclass(frozen=True, slots=True)
class SweepInput:
    tenant: str


@dataclass(frozen=True, slots=True)
class Swept:
    """How many due rows were looked at, and how many effects were too late."""

    looked: int
    expired: int


def handle(
    task: SweepInput,
    *,
    records: Records,
    queue: Queue,
    company: Company,
    tenants: Tenants,
    clock: Clock,
    telemetry: Telemetry,
) -> Swept:
    """Look at each due conversation afresh, act, and note when to look again; safe to repeat and to overlap."""
    sweep = Sweep(task.tenant, clock.now(), records, queue, load_service_levels(company), close_after_ms(company))
    looked = 0
    for partition in desk_partitions(task.tenant):
        settled = [_look(sweep, due, telemetry) for due in read_due(records, partition, sweep.now)]
        settle_due(records, settled)
        looked += len(settled)
    return Swept(looked, expire_effects(records, task.tenant, clock, tenants))


def _look(sweep: Sweep, due: Due, telemetry: Telemetry) -> Settled:
    """One that fails is looked at again soon and stops nobody else (I16)."""
    try:
        return Settled(due, LOOKS[due.kind](sweep, due))
    except Exception as error:  # noqa: BLE001 - whatever one conversation raises, the others are due as well
        telemetry.fact("look_failed", kind=due.kind, conversation=due.conversation, error=type(error).__name__)
        return Settled(due, (make_due(sweep.now + RETRY_MS, due.conversation, due.kind, **due.body),))
