"""How good a match is, on one scale for all queries: 0 to 1, where a half says that it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from shared.knowledge.index import Index
from shared.knowledge.matching import Match
from shared.knowledge.query import Slot, rarity

TITLE_SHARE = 1.5  # what a title that says the same as the query adds to a match, in its own size
LEAD_SHARE = 0.2  # what an article's first passage adds: it states the answer, later ones the details
INTENT_SHARE = 1.5  # what an article adds that was written for the intent, likewise
LONG_TEXT = 400  # bytes from which a text dilutes its title so far that the title counts on its own
EVIDENCE = 2.0  # how soon covered words are telling enough, in the mass of one very rare word
MOST_SCORE = 0.999999  # short of 1, so that every score has a strength
STEEPNESS = 2.0  # puts a half where answers begin


def rate(
    index: Index, slots: Sequence[Slot], matches: Sequence[Match], intents: frozenset[str] = frozenset()
) -> list[tuple[int, float]]:
    """Each match's passage number with its score: how much is covered, how strongly, and how telling it is."""
    asked = sum(slot.mass for slot in slots)
    wanted = _wanted_terms(slots)
    favours: dict[int, tuple[float, float]] = {}
    rated = []
    for match in matches:
        article = index.article_of(match.number)
        if article not in favours:
            fits = not intents.isdisjoint(index.intents_of(article)) if intents else False
            favours[article] = _compare_title(index, article, wanted, asked), INTENT_SHARE if fits else 0.0
        title, intent = favours[article]
        title = TITLE_SHARE * title * _dilution(index.text_size(match.number))
        lead = LEAD_SHARE if index.is_lead(match.number) else 0.0
        favour = 1 + title + intent + lead
        strength = match.total / asked * math.sqrt(match.covered / asked) * favour
        evidence = 1 - math.exp(-EVIDENCE * match.covered / math.log1p(index.passages + 1))
        rated.append((match.number, min(MOST_SCORE, round(1 - math.exp(-STEEPNESS * strength * evidence), 6))))
    return rated


def strength_of(score: float) -> float:
    """A score back on the scale on which twice as much is twice as good."""
    return -math.log1p(-min(score, MOST_SCORE))


def _wanted_terms(slots: Sequence[Slot]) -> dict[int, tuple[int, float]]:
    """Each term that is looked for: the slot that it serves best, and its weight there."""
    wanted: dict[int, tuple[int, float]] = {}
    for number, slot in enumerate(slots):
        for variant in slot.variants:
            if variant.term not in wanted or wanted[variant.term][1] < variant.weight:
                wanted[variant.term] = (number, variant.weight)
    return wanted


def _compare_title(index: Index, article: int, wanted: Mapping[int, tuple[int, float]], asked: float) -> float:
    """How far title and query say the same: twice what they share by all that both say."""
    said = 0.0
    shared: dict[int, float] = {}
    for term in index.title_terms(article):
        said += rarity(index, index.frequency(term))
        if term in wanted:
            slot, weight = wanted[term]
            shared[slot] = max(weight, shared.get(slot, 0.0))
    return min(1.0, 2 * sum(shared.values()) / (asked + said))


def _dilution(size: int) -> float:
    """0 to 1: how far a text of so many bytes drowns its title; a title without a text stands for itself."""
    return min(1.0, size / LONG_TEXT) if size else 1.0
