"""What must hold before an effect moves: approvals still valid, no hold, money open and at home here."""

from __future__ import annotations

from shared.conversations.keys import money_partition
from shared.effects.effect import Effect
from shared.effects.epoch import need_open
from shared.effects.holds import hold_row
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants


def is_expired(effect: Effect, clock: Clock) -> bool:
    """Whether the approval no longer counts, on the fastest clock that any worker may have."""
    return bool(effect.expires) and clock.now() + clock.skew() >= effect.expires


def is_abandoned(effect: Effect, clock: Clock) -> bool:
    """Whether an EXECUTING effect's worker has lost its lease on every clock."""
    return clock.now() > effect.lease + 2 * clock.skew()


def has_approvers(effect: Effect, clock: Clock) -> bool:
    """Whether enough different people said yes to these very arguments, and their word still counts."""
    valid = {
        each["operator"]
        for each in effect.approvals
        if each["args_hash"] == effect.args_hash and clock.now() + clock.skew() < each["expires"]
    }
    return len(valid) >= effect.approvers


def need_free(records: Records, homes: Tenants, effect: Effect) -> None:
    """No operator holds the conversation's money, and the tenant's money is open and at home here."""
    need_open(records, homes, effect.tenant)
    held = records.get(money_partition(effect.tenant), hold_row(effect.conversation))
    need(held is None, effect, "hold", "no operator holding the conversation's money")


def need(holds: bool, effect: Effect, field: str, limit: str) -> None:
    """Refuse a move whose guard does not hold; raises WrongState."""
    if not holds:
        raise WrongState(f"effect {effect.id} is {effect.state}", field=field, limit=limit, action="see the ledger")
