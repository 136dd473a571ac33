"""A query as slots: what must be found, in whatever words an article may say it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shared.knowledge.index import Index
from shared.knowledge.spelling import near_words
from shared.knowledge.words import terms_of, word_tables

LIKE_SHARE = 0.7  # what a word of like meaning counts against the word itself
TYPO_SHARE = 0.8  # what a word counts that the query's word may be misspelt from
MOST_GUESSED = 16  # words up to which misspelt ones are guessed; a long message is also asked in parts
MOST_SLOTS = 32  # the rarest informative words of a long message


@dataclass(frozen=True, slots=True)
class Variant:
    """A term of the index that says what the slot asks, with its share of a full match."""

    term: int
    weight: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One informative word of a query; `mass` is what it would tell if it were found."""

    word: str
    mass: float
    variants: tuple[Variant, ...]


def read_query(index: Index, query: str) -> tuple[Slot, ...]:
    """The query's slots, heaviest first; a word that the index does not know keeps its mass and has no variant."""
    words = {(term, language): None for language in index.languages for term in terms_of(query, language)}
    guess = len(words) <= MOST_GUESSED
    slots = [_slot(index, term, language, guess=guess) for term, language in words]
    merged = {slot.word: slot for slot in sorted(slots, key=lambda slot: len(slot.variants))}
    return tuple(sorted(merged.values(), key=lambda slot: (-slot.mass, slot.word))[:MOST_SLOTS])


def rarity(index: Index, frequency: int) -> float:
    """BM25's inverse document frequency, in nats; positive for every frequency."""
    return math.log1p((index.passages - frequency + 0.5) / (frequency + 0.5))


def _slot(index: Index, word: str, language: str, *, guess: bool) -> Slot:
    """The word itself or what it may be misspelt from, with words of like meaning; its mass is that of the rarest."""
    meant = _meant(index, word, guess=guess)
    alike = word_tables(language).alike
    likes = {like: LIKE_SHARE for each in (word, *meant) for like in alike.get(each, ()) if like in index.terms}
    rarities = {term: rarity(index, index.frequency(index.terms[term])) for term in (*likes, *meant)}
    variants = (Variant(index.terms[term], share * rarities[term]) for term, share in {**likes, **meant}.items())
    mass = max((rarities[term] for term in meant), default=rarity(index, 0))
    return Slot(word, mass, tuple(variants))


def _meant(index: Index, word: str, *, guess: bool) -> dict[str, float]:
    """The terms that a word stands for, each with its share: itself, else what it may be misspelt from."""
    if word in index.terms:
        return {word: 1.0}
    return dict.fromkeys(near_words(word, index.terms), TYPO_SHARE) if guess else {}
