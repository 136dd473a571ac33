"""Which passages hold a query's words: BM25 sums, in plain Python for few postings and in NumPy for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from shared.knowledge.index import Index
from shared.knowledge.query import Slot

FEW = 20_000  # postings up to which plain Python beats loading and starting NumPy
CANDIDATES = 40  # passages that are looked at more closely, best first


@dataclass(frozen=True, slots=True)
class Match:
    """A passage's BM25 `total` for a query and the `covered` mass of the query's words that stand in it."""

    number: int
    total: float
    covered: float


def match_passages(index: Index, slots: Sequence[Slot]) -> list[Match]:
    """The candidates for a query; in each passage a slot counts with the best of its variants."""
    postings = sum(index.frequency(variant.term) for slot in slots for variant in slot.variants)
    return match_few(index, slots) if postings <= FEW else match_many(index, slots)


def match_few(index: Index, slots: Sequence[Slot]) -> list[Match]:
    """With dictionaries, over the passages that hold a word."""
    totals: dict[int, float] = {}
    covered: dict[int, float] = {}
    for slot in slots:
        for place, value in _best_values(index, slot).items():
            totals[place] = totals.get(place, 0.0) + value
            covered[place] = covered.get(place, 0.0) + slot.mass
    chosen = nlargest(CANDIDATES, totals, key=lambda place: (totals[place], -place))
    return [Match(place, totals[place], covered[place]) for place in chosen]


def match_many(index: Index, slots: Sequence[Slot]) -> list[Match]:
    """With arrays over all passages, for words that stand in very many."""
    import numpy as np

    totals, covered = np.zeros(index.passages), np.zeros(index.passages)
    for slot in slots:
        best = np.zeros(index.passages)
        for variant in slot.variants:
            places, weights = (np.asarray(view) for view in index.postings(variant.term))
            best[places] = np.maximum(best[places], weights * (variant.weight * index.scale))
        totals += best
        covered[best > 0] += slot.mass
    last = np.partition(totals, -CANDIDATES)[-CANDIDATES] if index.passages > CANDIDATES else 0.0
    chosen = np.flatnonzero((totals > 0) & (totals >= last))
    ranked = sorted(chosen.tolist(), key=lambda place: (-totals[place], place))[:CANDIDATES]
    return [Match(place, float(totals[place]), float(covered[place])) for place in ranked]


def _best_values(index: Index, slot: Slot) -> dict[int, float]:
    best: dict[int, float] = {}
    for variant in slot.variants:
        factor = variant.weight * index.scale
        for place, weight in zip(*index.postings(variant.term), strict=True):
            value = weight * factor
            if value > best.get(place, 0.0):
                best[place] = value
    return best
