"""Effects whose time is over before they were sent: nobody decided in time, or whoever asked has died."""

from __future__ import annotations

from shared.effects import ledger
from shared.effects.effect import APPROVED, PROPOSED
from shared.effects.epoch import MoneyClosed, need_open
from shared.effects.watch import due_effects
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants


def expire_effects(records: Records, tenant: str, clock: Clock, homes: Tenants) -> int:
    """Rows 3 and 5: reject what is too late, so that `once` and the caps are free and its conversation is told.

    Not in a closed ledger: one that was restored may not know yet that it was sent.
    """
    due = due_effects(records, tenant, clock.now(), (PROPOSED, APPROVED))
    if not due or not _is_open(records, homes, tenant):
        return 0
    expired = 0
    for effect in due:
        try:
            ledger.reject(records, tenant, effect.id, "expired")
        except WrongState:  # it is on its way after all: its own lease watches it from here
            continue
        expired += 1
    return expired


def _is_open(records: Records, homes: Tenants, tenant: str) -> bool:
    try:
        need_open(records, homes, tenant)
    except MoneyClosed:
        return False
    return True
