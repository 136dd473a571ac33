"""A query as slots: what must be found, in whatever words an article may say it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shared.knowledge.index import Index
from shared.knowledge.words import terms_of, word_tables

LIKE_SHARE = 0.7  # what a word of like meaning counts against the word itself
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
    slots = [_slot(index, term, language) for term, language in words]
    merged = {slot.word: slot for slot in sorted(slots, key=lambda slot: len(slot.variants))}
    return tuple(sorted(merged.values(), key=lambda slot: (-slot.mass, slot.word))[:MOST_SLOTS])


def rarity(index: Index, frequency: int) -> float:
    """BM25's inverse document frequency, in nats; positive for every frequency."""
    return math.log1p((index.passages - frequency + 0.5) / (frequency + 0.5))


def _slot(index: Index, word: str, language: str) -> Slot:
    own = index.terms.get(word)
    variants = [] if own is None else [Variant(own, rarity(index, index.frequency(own)))]
    for like in word_tables(language).alike.get(word, ()):
        term = index.terms.get(like)
        if term is not None:
            variants.append(Variant(term, LIKE_SHARE * rarity(index, index.frequency(term))))
    mass = rarity(index, index.frequency(own) if own is not None else 0)
    return Slot(word, mass, tuple(variants))
