"""Money is exact: minor units in, the same amount out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import EXPONENTS, Money, exponent, parse_amount
from shared.errors import InvalidInput

currencies = st.sampled_from(["EUR", "USD", "CHF", *EXPONENTS])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10.50", "EUR", 1050),
        ("10.5", "EUR", 1050),
        ("10", "EUR", 1000),
        ("0.01", "EUR", 1),
        ("007", "EUR", 700),
        ("1000", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
        ("999999999999.99", "USD", 99_999_999_999_999),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1e3", "NaN", "inf", "1,50", "1.", ".5", "1.234", "1 000", " 1", "1 ", "1\n", "0x10",
     "1_000", "١٠", "1000000000000", "0", "0.00"],
)  # fmt: skip
def test_what_is_not_an_exact_positive_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_amount(text, "EUR")
    assert refused.value.field == "amount"


@pytest.mark.parametrize(("text", "currency"), [("10.5", "JPY"), ("1.2345", "KWD"), ("1.001", "EUR")])
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidInput, match="amount"):
        parse_amount(text, currency)


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


@given(st.integers(1, 10**12 - 1), currencies)
def test_what_is_shown_is_read_back_as_the_same_amount(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    text, shown_currency = str(money).split(" ")
    assert parse_amount(text, shown_currency) == money


@given(st.text("0123456789.,-+eE _\n١²", max_size=12), currencies)
def test_any_text_is_an_amount_or_a_typed_refusal(text: str, currency: str) -> None:
    try:
        money = parse_amount(text, currency)
    except InvalidInput:
        return
    assert money.minor > 0
    assert exponent(money.currency) in (0, 2, 3)
