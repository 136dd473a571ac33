"""Effects whose time is over before they were sent: nobody decided in time, or whoever asked has died."""

from __future__ import annotations

from shared.effects import ledger
from shared.effects.effect import APPROVED, PROPOSED
from shared.effects.watch import due_effects
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Records


def expire_effects(records: Records, tenant: str, clock: Clock) -> int:
    """Rows 3 and 5: reject what is too late, so that `once` and the caps are free and its conversation is told."""
    expired = 0
    for effect in due_effects(records, tenant, clock.now(), (PROPOSED, APPROVED)):
        try:
            ledger.reject(records, tenant, effect.id, "expired")
        except WrongState:  # it is on its way after all: its own lease watches it from here
            continue
        expired += 1
    return expired
