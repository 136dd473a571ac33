"""Effects in a ledger for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.company.company import Operator
from shared.effects import ledger
from shared.effects.caps import CapLimits
from shared.effects.effect import Effect, effect_id, hash_arguments
from shared.ports.clock import Clock
from shared.ports.records import Records
from tests.builders.homes import ALWAYS_HOME

TENANT = "acme"
NOON = 1_750_000_000_000
HOUR = 3_600_000
LIMITS = CapLimits(customer_day=100_000, tenant_day=1_000_000)


def any_effect(ordinal: int = 1, **changes: Any) -> Effect:
    """A refund of 40.00 EUR that policy alone may approve, but for the fields that matter to the test."""
    tenant = changes.get("tenant", TENANT)
    arguments = changes.get("arguments", {"customer": "u1", "payment": "pay_1", "amount_minor": 4_000})
    effect = Effect(
        id=effect_id(tenant, changes.get("conversation", "c1"), 1, ordinal),
        tenant=tenant,
        conversation="c1",
        turn=1,
        customer="u1",
        tool="refund_payment",
        system="billing",
        arguments=arguments,
        args_hash=hash_arguments("refund_payment", arguments),
        decision="c1-1-1|0|3",
        made=NOON,
        amount_minor=4_000,
        currency="EUR",
        payment="pay_1",
        purpose="refund_payment",
        ceiling=9_900,
        day="20254",
    )
    return replace(effect, **changes)


def any_approver(id: str = "noor", **changes: Any) -> Operator:
    return replace(Operator(id, id.title(), "supervisor", ("billing",), ("operator", "approver")), **changes)


def asked(records: Records, ordinal: int = 1, **changes: Any) -> Effect:
    """A stored effect that waits for one approver."""
    told = {"approvers": 1, "role": "approver", "expires": NOON + 48 * HOUR} | changes
    return ledger.propose(records, any_effect(ordinal, **told))


def approved(records: Records, clock: Clock, ordinal: int = 1, **changes: Any) -> Effect:
    """A stored effect that may be sent."""
    effect = ledger.propose(records, any_effect(ordinal, **changes))
    return ledger.approve(records, effect.tenant, effect.id, LIMITS, clock, homes=ALWAYS_HOME)
