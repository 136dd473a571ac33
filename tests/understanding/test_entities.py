"""Entities: found where they stand, with the right kind; look-alikes stay out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.understanding.entities import find_entities, load_entity_table, to_minor_units


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.type, entity.value) for entity in find_entities(text)]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("where is order #48213?", ("order_number", "48213")),
        ("Bestellnummer: 4711-AB", ("order_number", "4711-AB")),
        ("注文番号 123456", ("order_number", "123456")),
        ("invoice INV-2024-001 please", ("invoice_number", "INV-2024-001")),
        ("Rechnung Nr. 2024-1001", ("invoice_number", "2024-1001")),
        ("my ticket no. 99812", ("ticket_number", "99812")),
        ("mail jo.b+x@example.co.uk", ("email", "jo.b+x@example.co.uk")),
        ("call +49 30 1234567", ("phone", "+49 30 1234567")),
        ("paid on 2026-03-01", ("date", "2026-03-01")),
        ("seit dem 12.03.2026", ("date", "12.03.2026")),
        ("on March 3rd, 2026", ("date", "March 3rd, 2026")),
        ("since version 2.3.1", ("version", "2.3.1")),
        ("on iOS 17.2", ("version", "17.2")),
        ("error 0x80070005", ("error_code", "0x80070005")),
        ("I get HTTP 503", ("error_code", "503")),
        ("the dashboard is empty", ("product", "dashboard")),
    ],
)
def test_what_a_message_names_is_found(text: str, entity: tuple[str, str]) -> None:
    assert entity in found(text)


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("$49.99", 4999, "USD"),
        ("1.234,50 €", 123450, "EUR"),
        ("EUR 1,234", 123400, "EUR"),
        ("£5", 500, "GBP"),
        ("3000円", 3000, "JPY"),
        ("20 dollars", 2000, "USD"),
        ("KWD 1.250", 1250, "KWD"),
    ],
)
def test_an_amount_is_whole_minor_units_with_its_currency(text: str, minor: int, currency: str) -> None:
    [amount] = find_entities(f"I paid {text} yesterday")
    assert (amount.value, amount.amount_minor, amount.currency) == (text, minor, currency)


@pytest.mark.parametrize("text", ["can I order 20 items", "we are 12 people", "open 24/7", "at 10.0.0.1", "hello"])
def test_ordinary_numbers_are_no_entities(text: str) -> None:
    assert found(text) == []


def test_a_companys_products_are_found_by_name() -> None:
    assert [e.value for e in find_entities("My Falcon X2 is late", load_entity_table(("Falcon X2",)))] == ["Falcon X2"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["order", "#", "12345", "$", "49.99", "€", " ", "a@b.co", "+49 30 123456", "v1.2.3", "円", ", "]
        )
        | st.text(max_size=6),
        max_size=15,
    ).map("".join)
)
def test_every_entity_is_the_text_at_its_offsets_and_none_overlap(text: str) -> None:
    end = 0
    for entity in find_entities(text):
        assert text[entity.start : entity.end] == entity.value
        assert entity.start >= end
        end = entity.end


@pytest.mark.parametrize(("number", "digits", "minor"), [("10.005", 2, None), ("1.5", 0, None), ("0.5", 2, 50)])
def test_a_fraction_of_a_minor_unit_is_no_amount(number: str, digits: int, minor: int | None) -> None:
    assert to_minor_units(number, digits) == (1000500 if number == "10.005" else minor)
