"""Slips of the finger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.knowledge.spelling import SHORTEST, near_words

KNOWN = frozenset({"invoice", "invoices", "refund", "sensor", "tax"})


@pytest.mark.parametrize("slip", ["invioce", "invoic", "invooice", "invaice"])
def test_guesses_a_word_with_one_slip(slip: str) -> None:
    assert "invoice" in near_words(slip, KNOWN)


@pytest.mark.parametrize("word", ["nvoice", "invoyze", "tex", "refünd", "refun1", "zebra"])
def test_does_not_guess_short_words_codes_first_letters_or_two_slips(word: str) -> None:
    assert near_words(word, KNOWN) == ()


def test_names_all_guesses_in_order() -> None:
    assert near_words("invoicees", KNOWN) == ("invoices",)
    assert near_words("invoicet", KNOWN) == ("invoice", "invoices")


@given(st.text(alphabet="abcdefgh", min_size=SHORTEST + 1, max_size=9), st.data())
def test_finds_every_word_that_lost_a_letter(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 1))
    assert word in near_words(word[:place] + word[place + 1 :], {word})
