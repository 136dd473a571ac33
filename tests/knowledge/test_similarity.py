"""How alike two messages are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.knowledge.similarity import similar
from tests.builders.articles import WORDS

TEXTS = st.lists(st.sampled_from([*WORDS, "my", "the", "42", "7", "twice", "charged", "billed"]), max_size=8).map(
    " ".join
)


@given(TEXTS | st.text(max_size=60), TEXTS | st.text(max_size=60))
def test_is_symmetric_and_between_nought_and_one(a: str, b: str) -> None:
    assert similar(a, b) == similar(b, a)
    assert 0 <= similar(a, b) <= 1


@given(st.text(max_size=60))
def test_a_text_is_wholly_like_itself(text: str) -> None:
    assert similar(text, text) == 1.0


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (("I forgot my password", "i forgot my pasword!!"), ("I forgot my password", "I forgot my invoice")),
        (("I was charged twice", "My card was billed two times"), ("I was charged twice", "My parcel is late")),
        (("Where is order 10231?", "where's my order 10231"), ("Where is order 10231?", "Where is order 10877?")),
        (("the app crashes", "the app crashes often"), ("the app crashes", "the app is great")),
    ],
)
def test_puts_the_same_matter_before_another(near: tuple[str, str], far: tuple[str, str]) -> None:
    assert similar(*near) > similar(*far) + 0.1


@pytest.mark.parametrize(("a", "b"), [("the light is red", "cup of tea"), ("", "hello"), ("?", "!a")])
def test_shares_little_where_only_small_words_agree(a: str, b: str) -> None:
    assert similar(a, b) < 0.1


def test_case_and_marks_do_not_count() -> None:
    assert similar("Cancel, please: MY order!", "cancel please my order") == 1.0


@given(TEXTS.filter(bool), st.sampled_from(WORDS))
def test_another_word_makes_it_less_alike(text: str, word: str) -> None:
    assert similar(text, f"{text} {word} unheard-of") < 1.0
