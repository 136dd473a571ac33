"""Articles to the bytes of an index; the same articles in any order give the same bytes."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Any

from shared.domain.article import Article
from shared.errors import InvalidInput
from shared.knowledge.index import TERM_END, Kind, write_sections
from shared.knowledge.passages import Passage, split_article
from shared.knowledge.words import terms_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SATURATION = 0.9  # BM25's k1: how soon a repeated term stops counting
LENGTH_SHARE = 0.75  # BM25's b: how much a long passage is held against it
WEIGHT_STEPS = 65_535


@dataclass(slots=True)
class _Counts:
    """What stands where, one entry a term and passage, while the passages are read."""

    terms: dict[str, int] = field(default_factory=dict)
    term: array[int] = field(default_factory=lambda: array("I"))
    place: array[int] = field(default_factory=lambda: array("I"))
    times: array[int] = field(default_factory=lambda: array("I"))
    lengths: array[int] = field(default_factory=lambda: array("I"))

    def add(self, words: Counter[str]) -> None:
        """Note the words of the next passage."""
        self.place.extend([len(self.lengths)] * len(words))
        self.term.extend([self.terms.setdefault(word, len(self.terms)) for word in words])
        self.times.extend(words.values())
        self.lengths.append(words.total())


def build_index(articles: Iterable[Article]) -> bytes:
    """The index of the articles that are given, drafts included; raises InvalidInput where two share an id."""
    ordered = sorted(articles, key=lambda article: article.id)
    _refuse_repeats(ordered)
    split = [split_article(article) for article in ordered]
    counts = _Counts()
    for article, passages in zip(ordered, split, strict=True):
        for words in _count_words(article, passages):
            counts.add(words)
    titles = [sorted(set(terms_of(article.title, article.language))) for article in ordered]
    header = {
        "version": _fingerprint(ordered),
        "languages": sorted({article.language for article in ordered}),
        "scale": (SATURATION + 1) / WEIGHT_STEPS,
    }
    return write_sections(header, {**_invert(counts), **_name(counts, titles), **_store(ordered, split)})


def _refuse_repeats(ordered: Sequence[Article]) -> None:
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise InvalidInput(
                f"two articles are called {one.id}", field="id", limit="unique", action="rename one of them"
            )


def _count_words(article: Article, passages: Sequence[Passage]) -> Iterator[Counter[str]]:
    """The words of each passage together with those of the title and the tags above it."""
    title = terms_of(" . ".join((article.title, *article.tags)), article.language)
    for passage in passages:
        yield Counter(title + terms_of(passage.text, article.language))


def _fingerprint(ordered: Sequence[Article]) -> str:
    digest = hashlib.sha256()
    for article in ordered:
        digest.update(repr(article).encode())
    return digest.hexdigest()[:16]


def _invert(counts: _Counts) -> dict[str, tuple[Kind, bytes]]:
    """Per term, in the terms' order: the passages where it stands and its weight there."""
    import numpy as np

    names = sorted(counts.terms)
    rank = np.empty(len(names), "<u4")
    rank[[counts.terms[name] for name in names]] = np.arange(len(names))
    term = rank[np.frombuffer(counts.term, "u4")]
    order = np.argsort(term, kind="stable")
    starts = np.searchsorted(term[order], np.arange(len(names) + 1))
    place = np.frombuffer(counts.place, "u4")[order]
    return {
        "terms": ("B", TERM_END.join(names).encode()),
        "starts": ("I", starts.astype("<u4").tobytes()),
        "places": ("I", place.astype("<u4").tobytes()),
        "weights": ("H", _weigh(counts, order, place).tobytes()),
    }


def _name(counts: _Counts, titles: Sequence[Sequence[str]]) -> dict[str, tuple[Kind, bytes]]:
    """The terms of each article's title."""
    rank = {name: number for number, name in enumerate(sorted(counts.terms))}
    ends = accumulate(len(title) for title in titles)
    terms = (rank[term] for term in chain.from_iterable(titles))
    return {"title_terms": ("I", _pack("I", terms)), "title_terms_ends": ("Q", _pack("Q", ends))}


def _weigh(counts: _Counts, order: NDArray[Any], place: NDArray[Any]) -> NDArray[np.uint16]:
    """BM25's term frequency factor in steps of its maximum, at least one step."""
    import numpy as np

    times = np.frombuffer(counts.times, "u4")[order].astype("f4")
    lengths = np.frombuffer(counts.lengths, "u4").astype("f4")
    average = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths / average)
    share = times / (times + damping[place])
    steps: NDArray[np.uint16] = np.maximum(np.rint(share * WEIGHT_STEPS), 1).astype("<u2")
    return steps


def _store(ordered: Sequence[Article], split: Sequence[Sequence[Passage]]) -> dict[str, tuple[Kind, bytes]]:
    """Ids, titles and texts, and which passages belong to which article."""
    firsts = list(accumulate((len(passages) for passages in split), initial=0))
    owners = chain.from_iterable([number] * len(passages) for number, passages in enumerate(split))
    return {
        "firsts": ("I", _pack("I", firsts)),
        "owners": ("I", _pack("I", owners)),
        **_texts("ids", (article.id for article in ordered)),
        **_texts("intents", (" ".join(article.intents) for article in ordered)),
        **_texts("titles", (article.title for article in ordered)),
        **_texts("texts", (passage.text for passages in split for passage in passages)),
    }


def _texts(name: str, texts: Iterable[str]) -> dict[str, tuple[Kind, bytes]]:
    encoded = [text.encode() for text in texts]
    ends = accumulate(len(content) for content in encoded)
    return {name: ("B", b"".join(encoded)), f"{name}_ends": ("Q", _pack("Q", ends))}


def _pack(kind: Kind, numbers: Iterable[int]) -> bytes:
    return array(kind, numbers).tobytes()
