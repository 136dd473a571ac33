"""Money in integer minor units with its currency; there is no other kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import InvalidInput

# ISO 4217 exponents that differ from 2, of the currencies that business systems here name.
EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}
AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount ≥ 0 in `minor` units (cents for EUR) of an ISO 4217 `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int) or self.minor < 0:
            raise InvalidInput("not an amount", field="minor", limit="an integer ≥ 0", action="give minor units")
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise InvalidInput("not a currency", field="currency", limit="an ISO 4217 code", action="three letters")

    def __str__(self) -> str:
        places = exponent(self.currency)
        whole, part = divmod(self.minor, 10**places)
        return f"{whole}.{part:0{places}d} {self.currency}" if places else f"{whole} {self.currency}"


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    return EXPONENTS.get(currency, 2)


def parse_amount(text: str, currency: str) -> Money:
    """A positive decimal like `10.50`, exactly; raises InvalidInput for signs, exponents, NaN and excess precision."""
    found = AMOUNT.fullmatch(text)
    places = exponent(currency)
    if not found or len(found[2] or "") > places:
        raise InvalidInput(
            "not an exact amount", field="amount", limit=f"digits with ≤ {places} decimals", action="write e.g. 10.50"
        )
    money = Money(int(found[1]) * 10**places + int((found[2] or "").ljust(places, "0") or "0"), currency)
    if money.minor == 0:
        raise InvalidInput("nothing to pay", field="amount", limit="more than 0", action="give an amount above zero")
    return money
