"""Money in integer minor units with its currency; there is no other kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import InvalidInput

# The exponents of ISO 4217 that differ from 2.
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = dict.fromkeys(NONE.split(), 0) | dict.fromkeys(THREE.split(), 3) | {"CLF": 4, "UYW": 4}


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
