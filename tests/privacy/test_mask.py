"""Personal data is found and masked; the numbers that a support desk reads are not (T45)."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.privacy.mask import PLACEHOLDERS, mask
from shared.privacy.recognise import find_personal_data

MASKED = {
    "mail ann.lee+shop@mail.example.com now": "mail [email] now",
    "write to jürgen@exämple.de.": "write to [email].",
    "card 4111 1111 1111 1111, exp 12/26": "card [card], exp 12/26",
    "4111-1111-1111-1111": "[card]",
    "amex 378282246310005": "amex [card]",
    "my debit card number is 5555555555554444.": "my debit card number is [card].",
    "IBAN DE89 3704 0044 0532 0130 00 please": "IBAN [iban] please",
    "GB29NWBK60161331926819": "[iban]",
    "to gb29nwbk60161331926819": "to [iban]",
    "SSN 078-05-1120": "SSN [ssn]",
    "my social security number is 078051120": "my social security number is [ssn]",
    "login from 203.0.113.7:443": "login from [ip]:443",
    "from 2001:db8:85a3::8a2e:370:7334.": "from [ip].",
    "call +49 30 901820": "call [phone]",
    "call (212) 555-0123 or 212-555-0124": "call [phone] or [phone]",
    "ring me on 020 7946 0958 x12": "ring me on [phone]",
    "Handy: 0151/23456789": "Handy: [phone]",
    "téléphone 06.12.34.56.78": "téléphone [phone]",
    "my driver's license is D1234567": "my driver's license is [driver licence]",
    "Passport number: X12345678": "Passport number: [passport]",
    "４１１１ １１１１ １１１１ １１１１": "[card]",
    "4111\u200b1111\u200b1111\u200b1111": "[card]",
}

KEPT = [
    "Order 1234567890 and order no. 212-555-0123",
    "order number is 4111111111111111",
    "Invoice INV-2025-001234, invoice 20250304-17",
    "ticket #12345678901",
    "I called about order 1234567890",
    "tracking number 1Z999AA10123456784",
    "Auftragsnummer 0123 456789, Rechnung 4500123456",
    "commande n° 0612345678",
    "1,234,567.89 USD, 1000000000 euros, $1999.00",
    "on 2025-03-04 at 10:30:15, 04.03.2025, 3/4/2025",
    "2025-03-04T10:30:15.123456Z",
    "version 10.0.19.1, python 3.11.7.1, v1.2.3.4",
    "error code 0x80070005, error 500 (11001234567)",
    "550e8400-e29b-41d4-a716-446655440000",
    "SKU 00123 45678 90, EAN 4006381333931",
    "ISO 9001:2015 and std::vector<int>, 12:30:15",
    "1234567890123456",
]


@pytest.mark.parametrize(("text", "masked"), MASKED.items(), ids=list(MASKED.values()))
def test_t45_masks_personal_data(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_keeps_what_a_support_desk_reads(text: str) -> None:
    assert mask(text) == text


def test_gives_offsets_into_the_text_as_it_was_sent() -> None:
    text = "Ünïcode \u200b ａnn@example.com, thanks"
    (find,) = find_personal_data(text)
    assert (find.type, text[find.start : find.end]) == ("EMAIL_ADDRESS", "ａnn@example.com")


def test_masks_no_card_that_fails_the_check_digit() -> None:
    assert mask("card 4111 1111 1111 1112") == "card 4111 1111 1111 1112"


def test_masks_no_iban_that_fails_the_check_digits() -> None:
    assert mask("DE88 3704 0044 0532 0130 00") == "DE88 3704 0044 0532 0130 00"


def with_check_digit(digits: str) -> str:
    """A number that passes Luhn, built apart from the code under test."""
    for last in "0123456789":
        values = [int(digit) for digit in digits + last]
        doubled = [
            value * 2 - 9 * (value > 4) if position % 2 else value for position, value in enumerate(reversed(values))
        ]
        if sum(doubled) % 10 == 0:
            return digits + last
    raise AssertionError("one of ten digits must fit")


@given(st.from_regex(r"4[0-9]{14}", fullmatch=True), st.sampled_from([" ", "-", ""]))
def test_t45_masks_every_card_number(digits: str, separator: str) -> None:
    number = with_check_digit(digits)
    grouped = separator.join(number[at : at + 4] for at in range(0, 16, 4))
    assert mask(f"I paid with {grouped} today") == "I paid with [card] today"


REFERENCES = st.sampled_from(
    ["order", "Order #", "invoice", "ticket", "order number", "Invoice no.", "ref", "error code", "Bestellung"]
)


@given(REFERENCES, st.from_regex(r"[1-9][0-9]{5,13}", fullmatch=True))
def test_keeps_every_number_behind_a_reference(word: str, number: str) -> None:
    assert mask(f"Where is {word} {number}?") == f"Where is {word} {number}?"


@given(st.integers(0, 10**9), st.sampled_from(["$", "€", "£"]))
def test_keeps_every_amount(amount: int, sign: str) -> None:
    text = f"You charged {sign}{amount:,}.99 and {sign}{amount}.50 twice"
    assert mask(text) == text


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d"]),
    st.times(),
)
def test_keeps_every_date(day: object, shape: str, time: object) -> None:
    text = f"It happened on {format(day, shape)} at {format(time, '%H:%M:%S')}"
    assert mask(text) == text


@given(st.lists(st.integers(0, 99), min_size=2, max_size=4))
def test_keeps_every_version(parts: list[int]) -> None:
    text = f"I use version {'.'.join(map(str, parts))} of the app"
    assert mask(text) == text


PIECES = st.sampled_from([*MASKED, *KEPT, "call", "phone", "order", "card", " ", "\n", ",", "-", "+", "\u200b", "７"])


@given(st.lists(PIECES | st.text(max_size=8), max_size=6), st.sampled_from(["", " "]))
def test_masks_all_that_it_finds_and_nothing_twice(parts: list[str], separator: str) -> None:
    text = separator.join(parts)
    finds = find_personal_data(text)
    assert all(0 <= find.start < find.end <= len(text) and find.type in PLACEHOLDERS for find in finds)
    assert all(one.end <= other.start for one, other in pairwise(finds))
    masked = mask(text)
    assert mask(masked) == masked
    assert find_personal_data(masked) == ()


@given(st.text())
def test_t34_masks_any_text(text: str) -> None:
    mask(text)


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "a.b", "DE12 3456 ", ":1", "(0", "+1", "phone 1234567 ", "1-2-"])
def test_t34_masks_hostile_repetition(piece: str) -> None:
    mask(piece * (50_000 // len(piece)))


def test_placeholders_hold_nothing_to_find() -> None:
    assert all(re.fullmatch(r"\[[a-z ]+\]", placeholder) for placeholder in PLACEHOLDERS.values())
