"""Alerts about money: what the ledger cannot settle by itself is told to people, once."""

from __future__ import annotations

from shared.conversations.keys import money_partition
from shared.domain.events import ALERT_RAISED
from shared.effects.effect import COMMITTED, Effect
from shared.ports.records import ABSENT, Batch, Event, Put, Records


def alert_about(effect: Effect, kind: str, at: int) -> Event:
    """An alert about one effect; `at` in epoch milliseconds."""
    where = {"tenant": effect.tenant, "conversation": effect.conversation, "at": at, "type": kind}
    return Event(f"{effect.id}-{kind}", ALERT_RAISED, where | {"effect": effect.id, "state": effect.state})


def alarm_of(effect: Effect) -> tuple[Event, ...]:
    """More went out than was approved: the books say so, and a person hears of it."""
    excess = effect.state == COMMITTED and int(effect.result.get("amount_minor", 0)) > effect.amount_minor
    return (alert_about(effect, "paid_more_than_approved", effect.lease),) if excess else ()


def alert_once(records: Records, effect: Effect, kind: str, now: int) -> None:
    """Raise an alert about an effect unless it was raised before; raises Conflict where another does it right now."""
    partition, row = money_partition(effect.tenant), f"ALERT|{effect.id}|{kind}"
    if records.get(partition, row) is None:
        records.write(Batch(partition, (Put(row, {"at": now}, ABSENT),), (alert_about(effect, kind, now),)))
