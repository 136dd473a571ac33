"""Let money move again in this region, once everything unsettled in the ledger has been compared with its system."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.homes import need_home
from shared.effects.epoch import read_epoch
from shared.effects.reopening import Unsettled, Word, check_ledger, open_ledger, settle_all
from shared.tools.executor import Toolbox, make_till


@dataclass(frozen=True, slots=True)
class ReopenInput:
    """Which tenant, and what a person says that no machine can know.

    `last` is the epoch that the ledger must have, 0 for the one before; `empty` vouches for a ledger that never had a
    row; `paid` and `absent` are effects of which `operator` has read in the system's own books what became of them.
    """

    tenant: str
    last: int = 0
    empty: bool = False
    operator: str = ""
    paid: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopened:
    """The home's epoch, whether money may move in it, and what keeps it closed."""

    epoch: int
    opened: bool
    unsettled: tuple[Unsettled, ...] = ()


def handle(task: ReopenInput, *, toolbox: Toolbox) -> Reopened:
    """Reconcile, then open; raises NotAtHome, and WrongState for a wrong or empty ledger or too early. Repeatable."""
    home = need_home(toolbox.homes, task.tenant)
    till = make_till(toolbox, "reopen")
    epoch = read_epoch(till.records, task.tenant)
    if epoch.open and epoch.number == home.epoch:
        return Reopened(home.epoch, opened=True)
    check_ledger(till, home, epoch, last=task.last, empty=task.empty)
    unsettled = settle_all(till, home, Word(task.operator, task.paid, task.absent))
    if unsettled:
        return Reopened(home.epoch, opened=False, unsettled=unsettled)
    open_ledger(till, home, epoch)
    return Reopened(home.epoch, opened=True)
