"""Mood: what is said, how often it was said before, and how loudly."""

from __future__ import annotations

import pytest

from shared.understanding.mood import assess_mood


@pytest.mark.parametrize(
    ("sentiment", "language", "text"),
    [
        ("positive", "en", "Thanks a lot, everything works great!"),
        ("positive", "de", "Vielen Dank, super Service"),
        ("positive", "ja", "ありがとうございます"),
        ("neutral", "en", "I was charged twice for order 4711"),
        ("neutral", "en", "How do I export my data?"),
        ("negative", "en", "I am not happy with the service"),
        ("negative", "fr", "je suis très déçu, c'est dommage"),
        ("frustrated", "en", "This is the third time I write and nobody replied"),
        ("frustrated", "en", "THIS IS UNACCEPTABLE!!! FIX IT NOW"),
        ("frustrated", "de", "das ist schon das dritte mal, niemand antwortet"),
        ("frustrated", "es", "estoy harto, nadie responde"),
        ("frustrated", "ja", "最悪です。何度も連絡したのに返事がない"),
    ],
)
def test_the_words_show_the_mood(sentiment: str, language: str, text: str) -> None:
    assert assess_mood(text, language).sentiment == sentiment


@pytest.mark.parametrize(
    ("calmer", "angrier"),
    [
        ("it does not work", "it does not work again!!"),
        ("the service is bad", "the service is very bad"),
        ("i am annoyed", "I AM REALLY ANNOYED!!"),
        ("no answer", "still no answer, nobody replied"),
    ],
)
def test_repetition_and_loudness_raise_frustration(calmer: str, angrier: str) -> None:
    assert assess_mood(calmer, "en").frustration < assess_mood(angrier, "en").frustration


def test_a_negation_turns_praise_into_blame() -> None:
    assert assess_mood("this is good", "en").sentiment == "positive"
    assert assess_mood("this is not good", "en").sentiment == "negative"


def test_a_language_without_a_lexicon_is_neutral_not_an_error() -> None:
    assert assess_mood("minulla on kysymys", "fi").sentiment == "neutral"
