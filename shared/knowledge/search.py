"""Search: the passages that answer a query best, and whether they answer it at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from shared.knowledge.index import Index
from shared.knowledge.matching import match_passages
from shared.knowledge.passages import split_sentences
from shared.knowledge.query import read_query
from shared.knowledge.rating import rate

LONG = 25  # words from which a query is a message rather than a question
MOST_PARTS = 6  # sentences of a long message that are asked on their own
TELLING = 3  # informative words that such a sentence needs
ANSWERABLE = 0.5  # score from which a passage counts as an answer


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` is 0 to 1 and means the same for every query."""

    article_id: str
    title: str
    passage: str
    score: float
    ordinal: int


def search(
    index: Index, query: str, *, top: int = 10, per_article: int = 1, intents: Collection[str] = ()
) -> tuple[Hit, ...]:
    """The best passages for a query, best first, at most `per_article` of each article.

    Articles for one of `intents` go before others that match as well.
    """
    scores: dict[int, float] = {}
    for number, score in _score_parts(index, query, frozenset(intents)):
        scores[number] = max(score, scores.get(number, 0.0))
    ranked = sorted(scores, key=lambda number: (-scores[number], number))
    return tuple(_hit(index, number, scores[number]) for number in _choose(index, ranked, top, per_article))


def is_answerable(hits: Sequence[Hit]) -> bool:
    """Whether the best hit says enough of what was asked to answer from it."""
    return bool(hits) and hits[0].score >= ANSWERABLE


def decompose(query: str) -> tuple[str, ...]:
    """The longest sentences of a long message, so that small talk does not drown the question; none of a short one."""
    if len(query.split()) < LONG:
        return ()
    return tuple(nlargest(MOST_PARTS, split_sentences(query), key=len))


def _score_parts(index: Index, query: str, intents: frozenset[str]) -> Iterator[tuple[int, float]]:
    """Passage numbers with their scores, for the query as a whole and for its telling parts."""
    slots = read_query(index, query)
    yield from rate(index, slots, match_passages(index, slots), intents)
    for part in decompose(query):
        slots = read_query(index, part)
        if len(slots) >= TELLING:
            yield from rate(index, slots, match_passages(index, slots), intents)


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
