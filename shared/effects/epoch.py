"""A ledger's epoch: whose home's money this is. Money moves only where the ledger's epoch is the directory's, and open.

One row in the tenant's money partition; without it the ledger is of the first epoch and open. A ledger that was
restored or taken over still says its old home's epoch, so money stands still until `effects.reopen` has reconciled it.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.keys import money_partition
from shared.effects.effect import Effect
from shared.errors import NotFound, WrongState
from shared.ports.business_systems import ActionContract
from shared.ports.records import ABSENT, Batch, Put, Records, Version
from shared.ports.tenants import FIRST_EPOCH, MAX_AGE_MS, Home, Tenants

ROW = "EPOCH"
# After a move the old home may act until it has heard of it: the directory's way to it, and what it remembers of it.
SETTLE_MS = 60_000 + MAX_AGE_MS
# And what it then sent may arrive late; of effects that this ledger has never known, nobody can say how late.
REOPEN_AFTER_MS = SETTLE_MS + 60_000


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a ledger says of itself; `at` is when that was written, in epoch milliseconds."""

    number: int = FIRST_EPOCH
    open: bool = True
    at: int = 0
    version: Version = ABSENT


class MoneyClosed(WrongState):
    """No effect may start in this ledger: it is drained, or of another epoch or home than the directory says."""

    code = "money_closed"


def read_epoch(records: Records, tenant: str) -> Epoch:
    """The epoch of the tenant's ledger here."""
    row = records.get(money_partition(tenant), ROW)
    return Epoch() if row is None else Epoch(row.body["number"], row.body["open"], row.body["at"], row.version)


def write_epoch(records: Records, tenant: str, epoch: Epoch) -> None:
    """Change what the ledger says, if it still says what was read; raises Conflict."""
    body = {"number": epoch.number, "open": epoch.open, "at": epoch.at}
    records.write(Batch(money_partition(tenant), (Put(ROW, body, epoch.version),)))


def need_open(records: Records, homes: Tenants, tenant: str) -> None:
    """The guard of rows 2, 4 and 9; raises MoneyClosed. One strong read, beside the directory as it is known here."""
    try:
        home = homes.home(tenant)
    except NotFound as error:
        raise _closed(f"tenant {tenant} is at home nowhere", "a tenant of the directory") from error
    if home.region != homes.here:
        raise _closed(f"tenant {tenant} is at home in {home.region}", f"tenants of {homes.here}")
    epoch = read_epoch(records, tenant)
    if epoch.number != home.epoch or not epoch.open:
        state = "open" if epoch.open else "closed"
        raise _closed(f"the ledger is of epoch {epoch.number}, {state}", f"epoch {home.epoch}, open")


def has_moved(home: Home) -> bool:
    """Whether another ledger may have known more than this one does."""
    return home.epoch > FIRST_EPOCH


def sent_at_latest(effect: Effect, contract: ActionContract, home: Home) -> int:
    """When the effect's last request left at the latest, in epoch milliseconds.

    What this ledger knows is the whole truth only of an effect that was first sent after its home had moved here.
    """
    settled = home.since + SETTLE_MS
    if not has_moved(home) or effect.first_sent > settled or (not effect.first_sent and effect.made > settled):
        return effect.send_by
    return max(effect.send_by, settled + contract.answers_within * 1000)


def _closed(message: str, limit: str) -> MoneyClosed:
    return MoneyClosed(message, field="epoch", limit=limit, action="reconcile and reopen the tenant's money")
