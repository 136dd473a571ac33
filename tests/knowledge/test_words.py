"""Terms: one normal form for articles and queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.knowledge.words import stem, terms_of, word_tables, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cancelling my subscriptions", "cancel the subscription"),
        ("I can't sign in", "I cannot log in"),
        ("Wi-Fi", "wifi"),
        ("ＦＵＬＬ width", "full width"),
        ("customer's invoices", "customers’ invoice"),
    ],
)
def test_finds_the_same_terms_in_other_forms(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other)


@pytest.mark.parametrize("number", ["2.4.1", "9.90", "429", "abc4012"])
def test_keeps_numbers_and_codes_whole(number: str) -> None:
    assert terms_of(f"the {number} is") == [number]


def test_leaves_out_words_that_say_nothing() -> None:
    assert terms_of("How do I get the thing that you have?") == []


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Rechnungen", "Rechnung"),
        ("fr", "les téléphones", "un telephone"),
        ("es", "facturas", "la factura"),
        ("it", "le fatture", "fattura"),
        ("nl", "facturen", "de factuur"),
        ("pt", "as notas", "nota"),
    ],
)
def test_stems_and_drops_accents_by_language(language: str, one: str, other: str) -> None:
    assert terms_of(one, language) == terms_of(other, language)


def test_knows_no_stop_words_in_a_language_without_tables() -> None:
    assert terms_of("the fox", "xx") == ["the", "fox"]


def test_cuts_scripts_without_spaces_into_pairs() -> None:
    assert words_of("返金方法") == ["返金", "金方", "方法"]


def test_keeps_hindi_words_whole() -> None:
    assert words_of("हिन्दी में") == ["हिन्दी", "में"]


def test_words_of_like_meaning_name_each_other() -> None:
    alike = word_tables("en").alike
    assert all(word in alike[other] for word, others in alike.items() for other in others)


@given(st.text())
def test_takes_any_text(text: str) -> None:
    assert all(terms_of(text))


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", min_size=1))
def test_a_stem_is_never_longer_than_its_word_and_a_letter(word: str) -> None:
    assert len(stem(word)) <= len(word) + 1
