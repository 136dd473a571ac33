"""Evidence: whether a tenant's articles answer a question, the answer's own words, and where they stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.finding import Citation
from shared.knowledge.citations import answer_from
from shared.knowledge.index import Index
from shared.knowledge.library import Library
from shared.knowledge.search import is_answerable, search

ANSWER_CHARACTERS = 900
TOP = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """`score` in basis points; `citations` name the passages that `text` is made of."""

    answerable: bool
    text: str = ""
    citations: tuple[Citation, ...] = ()
    score: int = 0


def find_evidence(library: Library, tenant: str, query: str, intents: Collection[str] = ()) -> Evidence:
    """Ask the articles; not answerable where they do not say enough of what was asked.

    With `intents` only articles that are filed under one of them count: words alone are often a coincidence.
    """
    index = library.index(tenant)
    if index is None:
        return Evidence(False)
    return library.ask_once((tenant, index.version, query, tuple(intents)), lambda: _find(index, query, intents))


def _find(index: Index, query: str, intents: Collection[str]) -> Evidence:
    hits = search(index, query, top=TOP, intents=intents)
    if intents:
        hits = tuple(hit for hit in hits if not set(intents).isdisjoint(index.answers_intents(hit.article_id)))
    if not is_answerable(hits):
        return Evidence(False, score=round(hits[0].score * 10_000) if hits else 0)
    answer = answer_from(hits, query, ANSWER_CHARACTERS, version=index.version)
    citations = tuple(Citation(each.article_id, each.quote, each.ordinal) for each in answer.citations)
    return Evidence(bool(citations), answer.text, citations, round(hits[0].score * 10_000))


def first_passage(library: Library, tenant: str, article: str) -> Citation | None:
    """An article by its id as a citation, or None where the tenant has not published it."""
    index = library.index(tenant)
    passage = index.find_passage(article, 0) if index else None
    return Citation(article, passage.text, 0) if passage else None
