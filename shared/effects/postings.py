"""Double entry: a committed effect posts two lines that balance to zero (I6)."""

from __future__ import annotations

from shared.effects.effect import Effect
from shared.ports.records import Put

# tool -> (account debited, account credited)
ACCOUNTS = {
    "refund_payment": ("refunds", "customer"),
    "apply_credit_adjustment": ("credits", "customer"),
    "process_payment": ("customer", "receivables"),
}
DEFAULT_ACCOUNTS = ("adjustments", "customer")


def post(effect: Effect, actual: int) -> list[Put]:
    """The two lines of a committed effect; none where no money moved."""
    if not actual:
        return []
    debit, credit = ACCOUNTS.get(effect.tool, DEFAULT_ACCOUNTS)
    if effect.compensates:
        debit, credit = credit, debit
    line = {"effect": effect.id, "currency": effect.currency, "customer": effect.customer}
    return [
        Put(f"POST|{effect.id}|1", line | {"account": debit, "minor": actual}),
        Put(f"POST|{effect.id}|2", line | {"account": credit, "minor": -actual}),
    ]
