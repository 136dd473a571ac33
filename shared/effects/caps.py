"""Caps: what may leave for a payment, a customer's day and a tenant's day. Reserved before it is spent, never exceeded.

A cap row holds `used` and `reserved` minor units; used + reserved ≤ limit holds after every batch (I2, I11).
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.keys import digest, money_partition
from shared.effects.effect import Effect
from shared.errors import Refused
from shared.ports.records import ABSENT, Put, Records, Version, Write


@dataclass(frozen=True, slots=True)
class CapLimits:
    """Limits in minor units of the effect's currency."""

    customer_day: int
    tenant_day: int


class CapExceeded(Refused):
    """An amount does not fit under a cap."""

    code = "cap_exceeded"


@dataclass(frozen=True, slots=True)
class _Cap:
    name: str
    row: str
    limit: int


def reserve_caps(records: Records, effect: Effect, limits: CapLimits) -> list[Write]:
    """Writes that reserve the effect's amount under every cap; raises CapExceeded naming the cap."""
    writes: list[Write] = []
    for cap in _caps_of(effect, limits):
        version, used, reserved = _read_cap(records, effect.tenant, cap.row)
        if used + reserved + effect.amount_minor > cap.limit:
            left = max(0, cap.limit - used - reserved)
            raise CapExceeded(
                f"over the cap of the {cap.name}", field="amount_minor", limit=f"{left} left", action="ask an operator"
            )
        writes.append(_put(cap.row, used, reserved + effect.amount_minor, version))
    return writes


def settle_caps(records: Records, effect: Effect, actual: int) -> list[Write]:
    """Writes that turn the reservation into what was really paid; the rest is free again."""
    return _change(records, effect, used=actual, reserved=-effect.amount_minor)


def release_caps(records: Records, effect: Effect) -> list[Write]:
    """Writes that give the reservation back."""
    return _change(records, effect, used=0, reserved=-effect.amount_minor)


def credit_caps(records: Records, effect: Effect) -> list[Write]:
    """Writes that give back what a compensated effect had used (row 11, when the compensation commits)."""
    return _change(records, effect, used=-effect.amount_minor, reserved=0)


def _change(records: Records, effect: Effect, *, used: int, reserved: int) -> list[Write]:
    writes: list[Write] = []
    for cap in _caps_of(effect, CapLimits(0, 0)):
        version, now_used, now_reserved = _read_cap(records, effect.tenant, cap.row)
        writes.append(_put(cap.row, max(0, now_used + used), max(0, now_reserved + reserved), version))
    return writes


def _caps_of(effect: Effect, limits: CapLimits) -> list[_Cap]:
    if not effect.amount_minor or effect.compensates:  # what brings money back needs no room under a cap
        return []
    caps = [
        _Cap(
            "customer's day",
            f"CAP|customer|{digest(effect.customer)}|{effect.day}|{effect.currency}",
            limits.customer_day,
        ),
        _Cap("tenant's day", f"CAP|tenant|{effect.day}|{effect.currency}", limits.tenant_day),
    ]
    if effect.payment:
        caps.append(_Cap("payment", f"CAP|payment|{digest(effect.payment)}|{effect.currency}", effect.ceiling))
    return caps


def _read_cap(records: Records, tenant: str, row: str) -> tuple[Version, int, int]:
    found = records.get(money_partition(tenant), row)
    return (ABSENT, 0, 0) if found is None else (found.version, found.body["used"], found.body["reserved"])


def _put(row: str, used: int, reserved: int, version: Version) -> Put:
    return Put(row, {"used": used, "reserved": reserved}, version)
