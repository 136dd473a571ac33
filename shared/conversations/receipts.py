"""What a channel tells of a mail after it took it: the end of an unclear delivery, and addresses to leave alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.conversations.keys import conversation_partition, customer_partition
from shared.conversations.sending import alert_of, hide_address, sent_row
from shared.errors import Conflict, Retry
from shared.ports.records import Batch, Event, Put, Records, Row

DAY_SECONDS = 86_400
TRIES = 5
LEFT_ALONE = "LEFT-ALONE"
_KEY = re.compile(r"([A-Za-z0-9_-]{1,100})-([A-Z]{1,20}(?:\|[A-Za-z0-9_-]{1,100}){1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a kind of receipt makes of a delivery. One of higher `rank` counts, in whatever order they come.

    `alerts`: whether operators hear of it. `days`: for how long no machine writes to the address; 0 not at all, None
    for good.
    """

    state: str
    rank: int
    alerts: bool = False
    days: int | None = 0


FATES: dict[str, Fate] = {
    "accepted": Fate("sent", 1),
    "delayed": Fate("sent", 1),
    "delivered": Fate("sent", 1),
    "rejected": Fate("rejected", 2, alerts=True),
    "bounced": Fate("bounced", 2, alerts=True, days=30),
    "complained": Fate("complained", 3, alerts=True, days=None),
}
RANKS = {fate.state: fate.rank for fate in FATES.values()}


def settle_delivery(records: Records, tenant: str, key: str, kind: str, now: int) -> str:
    """Bring a delivery up to a receipt: its new state, `already`, or `unknown` for a key that names no delivery."""
    named = _KEY.fullmatch(key)
    if named is None:
        return "unknown"
    partition, row = conversation_partition(tenant, named[1]), sent_row(named[2])
    fate = FATES[kind]
    for _ in range(TRIES):
        delivery = records.get(partition, row)
        if delivery is None:
            return "unknown"
        if RANKS.get(delivery.body["state"], 0) >= fate.rank:
            return "already"
        if fate.days != 0 and delivery.body.get("to"):  # first: a repeat after a crash does both
            _leave_alone(records, tenant, delivery.body["to"], fate, now)
        put = Put(row, delivery.body | {"state": fate.state, "at": now}, delivery.version)
        try:
            records.write(Batch(partition, (put,), _alerts(tenant, named[1], key, delivery, fate, now)))
        except Conflict:
            continue
        return fate.state
    raise Retry("the delivery kept moving")


def is_left_alone(records: Records, tenant: str, address: str) -> bool:
    """Whether no machine writes to an address, because mail to it came back or its owner complained."""
    return bool(address) and records.get(_address(tenant, hide_address(tenant, address)), LEFT_ALONE) is not None


def _leave_alone(records: Records, tenant: str, hidden: str, fate: Fate, now: int) -> None:
    """Note it; a complaint is never shortened by a bounce."""
    partition = _address(tenant, hidden)
    before = records.get(partition, LEFT_ALONE)
    if before is not None and RANKS[before.body["why"]] > fate.rank:
        return
    expires = None if fate.days is None else now // 1000 + fate.days * DAY_SECONDS
    records.write(Batch(partition, (Put(LEFT_ALONE, {"why": fate.state, "at": now}, expires_at=expires),)))


def _alerts(tenant: str, conversation: str, key: str, before: Row, fate: Fate, now: int) -> tuple[Event, ...]:
    """Operators hear of what went wrong, and that what was unclear is so no more."""
    told = fate.state if fate.alerts else "confirmed" if before.body["state"] == "unclear" else ""
    return (alert_of(tenant, conversation, key, told, now),) if told else ()


def _address(tenant: str, hidden: str) -> str:
    return customer_partition(tenant, f"address-{hidden}")
