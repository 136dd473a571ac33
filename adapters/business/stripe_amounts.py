"""Amounts as Stripe counts them, and as we do; a currency that the two count differently is refused (F50)."""

from __future__ import annotations

from typing import Any

from adapters.business import slots
from shared.domain.money import exponent
from shared.errors import InvalidInput

# https://docs.stripe.com/currencies: without decimals; with three, of which the last is 0; and ISK, which has none and
# is sent with two all the same.
ZERO = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
TWO_ALL_THE_SAME = "ISK"
OTHERS = "hand it to an operator"


def currency(name: str, given: Any) -> None:
    """A slot for a currency of which Stripe and we count the same minor units."""
    slots.currency(name, given)
    decimals(given)


def decimals(code: str) -> int:
    """How many decimals Stripe's minor units have; raises InvalidInput where ours would mean another amount."""
    if code == TWO_ALL_THE_SAME:
        return 2
    theirs = 0 if code in ZERO else 3 if code in THREE else 2
    if theirs != exponent(code):
        limit = "a currency whose decimals shared/domain/money.py and Stripe agree on"
        raise InvalidInput(f"{code} is counted otherwise by Stripe", field="currency", limit=limit, action=OTHERS)
    return theirs


def to_wire(minor: int, code: str) -> int:
    """Our minor units as Stripe's; raises InvalidInput where Stripe takes no such amount."""
    if decimals(code) == 3 and minor % 10:
        limit = "a last digit of 0, as Stripe takes three decimals"
        raise InvalidInput("not an amount", field="amount_minor", limit=limit, action=OTHERS)
    return int(minor * 10 ** (decimals(code) - exponent(code)))


def from_wire(told: Any, code: str) -> int:
    """Stripe's minor units as ours; raises ValueError where they are no whole ones."""
    if type(told) is not int:
        raise ValueError("an amount that is no integer")
    whole, rest = divmod(told, 10 ** (decimals(code) - exponent(code)))
    if rest:
        raise ValueError("an amount that is not whole")
    return int(whole)
