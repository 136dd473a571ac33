"""Search: the passages that answer a query best, and whether they answer it at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from shared.knowledge.index import Index
from shared.knowledge.passages import split_sentences
from shared.knowledge.query import Slot, read_query

FEW = 20_000  # postings up to which plain Python beats loading and starting NumPy
CANDIDATES = 100  # passages that are weighed by what they cover, best first by BM25
MOST_PARTS = 6  # sentences of a long message that are asked on their own
LONG = 25  # words from which a query is a message rather than a question
TELLING = 5  # words that a sentence needs to ask something on its own
ANSWERABLE = 0.5  # score from which a passage counts as an answer


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` is 0 to 1 and means the same for every query."""

    article_id: str
    title: str
    passage: str
    score: float
    ordinal: int


@dataclass(frozen=True, slots=True)
class Match:
    """A passage's BM25 `total` for a query and the `covered` mass of the query's words that stand in it."""

    number: int
    total: float
    covered: float


def search(index: Index, query: str, *, top: int = 10, per_article: int = 1) -> tuple[Hit, ...]:
    """The best passages for a query, best first, at most `per_article` of each article."""
    scores: dict[int, float] = {}
    for part in decompose(query):
        for number, score in score_passages(index, part):
            scores[number] = max(score, scores.get(number, 0.0))
    ranked = sorted(scores, key=lambda number: (-scores[number], number))
    return tuple(_hit(index, number, scores[number]) for number in _choose(index, ranked, top, per_article))


def is_answerable(hits: Sequence[Hit]) -> bool:
    """Whether the best hit says enough of what was asked to answer from it."""
    return bool(hits) and hits[0].score >= ANSWERABLE


def decompose(query: str) -> tuple[str, ...]:
    """The query as a whole and, where it is a long message, its longer sentences: small talk must not drown them."""
    if len(query.split()) < LONG:
        return (query,)
    sentences = (sentence for sentence in split_sentences(query) if len(sentence.split()) >= TELLING)
    return (query, *nlargest(MOST_PARTS, sentences, key=len))


def score_passages(index: Index, query: str) -> list[tuple[int, float]]:
    """Passage numbers with their scores, for the candidates of one query."""
    slots = read_query(index, query)
    postings = sum(index.frequency(variant.term) for slot in slots for variant in slot.variants)
    matches = _match_few(index, slots) if postings <= FEW else _match_many(index, slots)
    mass = sum(slot.mass for slot in slots)
    return [(match.number, _calibrate(index, match, mass)) for match in matches]


def _calibrate(index: Index, match: Match, mass: float) -> float:
    """0 to 1 from how much of the query is covered, how strongly, and how telling the covered words are."""
    strength = match.total / mass * math.sqrt(match.covered / mass)
    evidence = 1 - math.exp(-2 * match.covered / math.log1p(index.passages + 1))
    return round(1 - math.exp(-1.2 * strength * evidence), 6)


def _match_few(index: Index, slots: Sequence[Slot]) -> list[Match]:
    """Every slot's best variant in each passage, summed, with dictionaries."""
    totals: dict[int, float] = {}
    covered: dict[int, float] = {}
    for slot in slots:
        best: dict[int, float] = {}
        for variant in slot.variants:
            factor = variant.weight * index.scale
            places, weights = index.postings(variant.term)
            for place, weight in zip(places, weights, strict=True):
                value = weight * factor
                if value > best.get(place, 0.0):
                    best[place] = value
        for place, value in best.items():
            totals[place] = totals.get(place, 0.0) + value
            covered[place] = covered.get(place, 0.0) + slot.mass
    chosen = nlargest(CANDIDATES, totals, key=lambda place: (totals[place], -place))
    return [Match(place, totals[place], covered[place]) for place in chosen]


def _match_many(index: Index, slots: Sequence[Slot]) -> list[Match]:
    """The same with arrays over all passages, for terms that stand in very many."""
    import numpy as np

    totals, covered = np.zeros(index.passages), np.zeros(index.passages)
    for slot in slots:
        best = np.zeros(index.passages)
        for variant in slot.variants:
            places, weights = (np.asarray(view) for view in index.postings(variant.term))
            best[places] = np.maximum(best[places], weights * (variant.weight * index.scale))
        totals += best
        covered[best > 0] += slot.mass
    some = min(CANDIDATES, index.passages)
    chosen = np.argpartition(-totals, some - 1)[:some]
    return [Match(int(place), float(totals[place]), float(covered[place])) for place in chosen if totals[place] > 0]


def _choose(index: Index, ranked: Sequence[int], top: int, per_article: int) -> list[int]:
    taken: dict[int, int] = {}
    chosen: list[int] = []
    for number in ranked:
        article = index.article_of(number)
        if len(chosen) == top:
            break
        if taken.get(article, 0) < per_article:
            taken[article] = taken.get(article, 0) + 1
            chosen.append(number)
    return chosen


def _hit(index: Index, number: int, score: float) -> Hit:
    passage = index.passage(number)
    return Hit(passage.article_id, passage.title, passage.text, score, passage.ordinal)
