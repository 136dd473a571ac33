"""How alike two messages are, without knowing any others: for near-duplicates of tickets and repeated questions."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import fsum, sqrt

from shared.knowledge.words import stem, word_tables, words_of

GRAM = 4  # letters of a piece of text; long enough to tell words apart, short enough to survive a typo
# What each kind of agreement counts; the words' order matters less than the words.
LETTERS, WORDS, ORDER = 0.35, 0.45, 0.20
LIKE_SHARE = 0.7  # what a word of like meaning counts against the word itself
STOP_SHARE = 0.2  # what a word counts that says nothing alone
OTHER_NUMBERS = 0.6  # what remains where both name numbers and none of them is the same
MOST_CHARACTERS = 20_000  # what lies beyond is no longer compared


def similar(a: str, b: str, language: str = "en") -> float:
    """0 to 1: 1 where both say the same words in the same order, 0 where they share nothing; symmetric."""
    one, other = (words_of(text[:MOST_CHARACTERS], language) for text in (a, b))
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    stems = [[stem(word, language) for word in words] for words in (one, other)]
    score = (
        LETTERS * _share(_grams(one), _grams(other))
        + WORDS * _share_words(_weigh(stems[0], language), _weigh(stems[1], language), language)
        + ORDER * _share(_pairs(stems[0]), _pairs(stems[1]))
    )
    return round(min(score * _compare_numbers(one, other), 0.999999), 6)


def _share_words(one: dict[str, float], other: dict[str, float], language: str) -> float:
    """The cosine of two bags of words in which words of like meaning that only one side has agree in part."""
    alike = word_tables(language).alike
    only_one, only_other = sorted(one.keys() - other.keys()), other.keys() - one.keys()
    pairs = [(word, like) for word in only_one for like in alike.get(word, ()) if like in only_other]
    extra = LIKE_SHARE * fsum(one[word] * other[like] for word, like in pairs)
    return min(1.0, _share(one, other) + extra / (_size(one) * _size(other)))


def _share(one: dict[str, float], other: dict[str, float]) -> float:
    """The cosine of two bags of pieces."""
    dot = sum(one[piece] * other[piece] for piece in sorted(one.keys() & other.keys()))
    return dot / (_size(one) * _size(other))


def _size(bag: dict[str, float]) -> float:
    return sqrt(sum(weight**2 for weight in bag.values()))


def _weigh(stems: list[str], language: str) -> dict[str, float]:
    """Words by how often they stand there, dampened; small words count little."""
    stop = word_tables(language).stop
    return {word: sqrt(times) * (STOP_SHARE if word in stop else 1.0) for word, times in Counter(stems).items()}


def _grams(words: list[str]) -> dict[str, float]:
    text = f" {' '.join(words)} "
    return {piece: sqrt(times) for piece, times in Counter(_pieces(text)).items()}


def _pieces(text: str) -> list[str]:
    return [text[start : start + GRAM] for start in range(max(1, len(text) - GRAM + 1))]


def _pairs(stems: list[str]) -> dict[str, float]:
    """Neighbouring words, the edges of the text included, so that a single word has pairs as well."""
    padded = ["", *stems, ""]
    return {f"{left} {right}": 1.0 for left, right in pairwise(padded)}


def _compare_numbers(one: list[str], other: list[str]) -> float:
    """1 where the numbers agree or one side names none; less, the more of them differ: another order, another case."""
    left, right = ({word for word in words if any(letter.isdigit() for letter in word)} for words in (one, other))
    if not left or not right:
        return 1.0
    agreement = len(left & right) / len(left | right)
    return OTHER_NUMBERS + (1 - OTHER_NUMBERS) * agreement
