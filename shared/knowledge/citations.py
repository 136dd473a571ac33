"""Evidence: whether what a reply cites really stands there, and replies that are made of passages alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.knowledge.extracts import extract
from shared.knowledge.index import Index
from shared.knowledge.rating import strength_of
from shared.knowledge.search import ANSWERABLE, Hit
from shared.knowledge.words import terms_of, words_of

Fault = Literal["other_version", "no_such_passage", "not_in_passage"]
_STEP_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
MOST_PASSAGES = 2
NEAR = 0.9  # share of the best hit's strength that a further passage needs to be quoted too


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in one version of an index; `quote` is the cited text or, where it is empty, the whole passage."""

    article_id: str
    ordinal: int
    version: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that says nothing of its own, with a citation for each passage that it takes from."""

    text: str
    citations: tuple[Citation, ...]


def check_citation(index: Index, citation: Citation) -> Fault | None:
    """What is wrong with a citation, or None; marks, case and white space do not count, words and numbers do."""
    if citation.version != index.version:
        return "other_version"
    passage = index.find_passage(citation.article_id, citation.ordinal)
    if passage is None:
        return "no_such_passage"
    stands = any(_stands_in(citation.quote, text) for text in (passage.text, passage.title))
    return None if stands else "not_in_passage"


def find_unsupported(sentences: Iterable[str], passages: Sequence[str], language: str = "en") -> tuple[str, ...]:
    """The sentences of a reply that no passage supports: three informative words of four and every number."""
    known = [_said_in(passage, language) for passage in passages]
    return tuple(sentence for sentence in sentences if not _is_supported(_said_in(sentence, language), known))


def answer_from(
    hits: Sequence[Hit], query: str, limit_chars: int, *, version: str = "", language: str = "en"
) -> Answer:
    """The most telling sentences and steps of the best passages, none of them cut; empty where nothing answers."""
    parts: list[str] = []
    citations: list[Citation] = []
    for hit in _choose_quotable(hits):
        room = limit_chars - sum(len(part) + 2 for part in parts)
        part = extract(hit.passage or hit.title, query, room, language)
        if part:
            parts.append(part)
            citations.append(Citation(hit.article_id, hit.ordinal, version, hit.passage or hit.title))
    return Answer("\n\n".join(parts), tuple(citations))


def _choose_quotable(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that answer and are nearly as good as the best one."""
    best = strength_of(hits[0].score) if hits else 0.0
    near = [hit for hit in hits if hit.score >= ANSWERABLE and strength_of(hit.score) >= NEAR * best]
    return near[:MOST_PASSAGES]


def _stands_in(quote: str, text: str) -> bool:
    wanted = words_of(quote)
    return not quote or (bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words_of(text))} ")


def _said_in(text: str, language: str) -> frozenset[str]:
    """The informative words of a text; the number of a step is none of its words."""
    return frozenset(terms_of(_STEP_NUMBER.sub("", text), language))


def _is_supported(terms: frozenset[str], passages: Sequence[frozenset[str]]) -> bool:
    """Whether one passage holds enough of a sentence; a sentence without informative words needs no support."""
    numbers = {term for term in terms if any(letter.isdigit() for letter in term)}
    return not terms or any(numbers <= known and 4 * len(terms & known) >= 3 * len(terms) for known in passages)
