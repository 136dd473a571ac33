"""Money in integer minor units with its currency; there is no other kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import InvalidInput

# ISO 4217 exponents that differ from 2, of the currencies that business systems here name.
EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}


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
