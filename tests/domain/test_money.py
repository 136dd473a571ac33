"""Money is exact: minor units in, the same amount shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import EXPONENTS, Money, exponent
from shared.errors import InvalidInput

currencies = st.sampled_from(["EUR", "USD", "CHF", *EXPONENTS])


@pytest.mark.parametrize("minor", [-1, 1.0, True, "1", None])
def test_minor_units_are_integers_from_zero(minor: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money(minor, "EUR")
    assert refused.value.field == "minor"


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "E1R", "EUR\n", "€"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money(1, currency)
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("money", "shown"),
    [(Money(5, "EUR"), "0.05 EUR"), (Money(1050, "EUR"), "10.50 EUR"), (Money(7, "JPY"), "7 JPY"),
     (Money(1234, "KWD"), "1.234 KWD"), (Money(0, "USD"), "0.00 USD")],
)  # fmt: skip
def test_money_is_shown_with_its_currencys_places(money: Money, shown: str) -> None:
    assert str(money) == shown


@given(st.integers(0, 10**12 - 1), currencies)
def test_what_is_shown_is_the_same_amount(minor: int, currency: str) -> None:
    text, shown_currency = str(Money(minor, currency)).split(" ")
    assert Decimal(text).scaleb(exponent(currency)) == minor
    assert shown_currency == currency
