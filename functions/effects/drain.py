"""Let no effect start any more in this region's ledger of a tenant: before its home moves, where that is possible."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.effects.effect import TERMINAL
from shared.effects.epoch import read_epoch, write_epoch
from shared.effects.ledger import LEASE_MS, list_effects
from shared.effects.watch import IN_FLIGHT
from shared.ports.tenants import check_tenant
from shared.tools.executor import Toolbox


@dataclass(frozen=True, slots=True)
class DrainInput:
    tenant: str


@dataclass(frozen=True, slots=True)
class Drained:
    """The ledger's epoch, and the instant (epoch ms) after which nothing is sent from here any more.

    `in_flight` are the effects of which the system must still tell what became of them, `waiting` those not yet sent.
    """

    epoch: int
    quiet_at: int
    in_flight: tuple[str, ...]
    waiting: tuple[str, ...]


def handle(task: DrainInput, *, toolbox: Toolbox) -> Drained:
    """Close the ledger, wherever the directory says that the home is; proof is still booked in it. Safe to repeat.

    Whoever read it as open sends before their lease ends, or not at all (`ledger.begin`).
    Raises InvalidInput for what is no tenant's name, and NotFound for a tenant that the directory does not know.
    """
    check_tenant(task.tenant)
    toolbox.homes.home(task.tenant)  # a ledger of nobody is not begun by a mistyped name
    records, clock = toolbox.records, toolbox.clock
    epoch = read_epoch(records, task.tenant)
    if epoch.open:
        epoch = replace(epoch, open=False, at=clock.now())
        write_epoch(records, task.tenant, epoch)
    open_ones = [each for each in list_effects(records, task.tenant) if each.state not in TERMINAL]
    return Drained(
        epoch.number,
        epoch.at + LEASE_MS + 2 * clock.skew(),
        tuple(each.id for each in open_ones if each.state in IN_FLIGHT),
        tuple(each.id for each in open_ones if each.state not in IN_FLIGHT),
    )
