"""References lead into what is known; a placeholder is filled or the reply is not sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.references import PLACEHOLDER, Unknown, fill, look_up, mentions, resolve

KNOWN: dict[str, Any] = {
    "text": "Two doors are broken.",
    "found": {"payments": [{"id": "pay_1"}, {"id": "pay_2"}], "none": None, "count": 0},
    "refund": {"amount_minor": 7_790, "currency": "EUR", "expected_by": "2026-11-27"},
    "invoice": {"due_minor": 24_900, "currency": "EUR", "at": "2026-11-20T09:00:00+00:00"},
}
NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
VALUES = st.one_of(st.integers(), st.text(min_size=1, max_size=20).filter(lambda text: "{" not in text))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("found.payments.1.id", "pay_2"),
        ("found.count", 0),
        ("found.payments.2.id", None),
        ("found.payments.id", None),
        ("found.none.id", None),
        ("nobody.knows", None),
        ("text.0", None),
    ],
)
def test_a_path_leads_to_its_value_or_nowhere(path: str, value: Any) -> None:
    assert look_up(KNOWN, path) == value


def test_references_are_replaced_wherever_they_stand_in_an_argument() -> None:
    argument = {
        "payment": "$found.payments.0.id",
        "why": ["$text", "charged twice"],
        "count": 3,
        "gone": "$nothing.here",
    }
    assert resolve(KNOWN, argument) == {
        "payment": "pay_1",
        "why": ["Two doors are broken.", "charged twice"],
        "count": 3,
        "gone": None,
    }


def test_what_a_customer_wrote_is_never_read_as_a_reference() -> None:
    assert resolve({"text": "$refund.amount_minor", "refund": {"amount_minor": 1}}, "$text") == "$refund.amount_minor"
    assert fill("You wrote: {text}", {"text": "{refund.amount_minor}", "refund": {"amount_minor": 1}}) == (
        "You wrote: {refund.amount_minor}"
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{refund|money}", "77.90 EUR"),
        ("{refund.amount_minor|money}", "77.90 EUR"),
        ("{invoice.due_minor|money}", "249.00 EUR"),
        ("{refund.expected_by|date}", "27 November 2026"),
        ("{invoice.at|date}", "20 November 2026"),
        ("{invoice.at|time}", "20 November 2026, 09:00 UTC"),
        ("{invoice.due_minor|number}", "24,900"),
        ("{found.payments.0.id}", "pay_1"),
        ("{found.count} times", "0 times"),
        ("  as it is  ", "as it is"),
    ],
)
def test_a_placeholder_is_written_as_people_read_it(template: str, said: str) -> None:
    assert fill(template, KNOWN) == said


def test_an_amount_below_zero_keeps_its_sign() -> None:
    assert fill("{b|money}", {"b": {"amount_minor": -5, "currency": "EUR"}}) == "-0.05 EUR"


@pytest.mark.parametrize(("values", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_a_list_is_written_as_words(values: list[str], said: str) -> None:
    assert fill("{keys|list}", {"keys": values}) == said


def test_a_code_word_is_written_with_spaces() -> None:
    assert fill("{reason|words}", {"reason": "unpaid_invoice"}) == "unpaid invoice"


@pytest.mark.parametrize("template", ["{refund.method}", "{found.none}", "{empty}", "{no_one}"])
def test_a_reply_whose_fact_is_missing_is_refused_and_the_fact_named(template: str) -> None:
    with pytest.raises(Unknown, match=template[1:-1]):
        fill(template, KNOWN | {"empty": "", "no_one": []})


@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_a_reply_is_filled_completely_or_not_at_all(values: dict[str, Any]) -> None:
    reply = fill(" ".join(f"{{{name}}}" for name in values), values)
    assert PLACEHOLDER.search(reply) is None


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        (["door"], True),
        (["DOOR"], True),
        (["oor"], False),
        (["cable", "broken"], True),
        ([None, ""], False),
        ([], False),
    ],
)
def test_a_word_is_mentioned_where_a_word_of_the_text_begins_with_it(words: list[Any], holds: bool) -> None:
    assert mentions(KNOWN["text"], words) is holds


@given(st.text(), st.text(min_size=1))
def test_any_word_can_be_looked_for_in_any_text(text: str, word: str) -> None:
    assert mentions(text, [word]) in (True, False)
