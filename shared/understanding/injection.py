"""Injection: whether a text gives the assistant orders that are none of a customer's business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.understanding.disguises import View, undisguise
from shared.understanding.injection_rules import find_classes, fired, read_shapes
from shared.understanding.off_task import weigh_off_task

THRESHOLD = 0.5
MAX_TEXT = 100_000
MAX_SENTENCE = 1_000
WINDOW = 3  # sentences: an order and its setting stand close together; a long mail must not add up by its length
DISGUISE = 0.4  # what it adds that somebody hid a text that is suspicious already
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|[。！？]|\n+|\s\|\s?")

Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class InjectionVerdict:
    """How likely a text is an injection, 0 to 1, and the families that speak for it, the strongest first."""

    score: float
    reasons: tuple[str, ...]

    @property
    def suspicious(self) -> bool:
        """Whether the score reaches the threshold of 0.5."""
        return self.score >= THRESHOLD


def detect(text: str) -> InjectionVerdict:
    """Judge a text in every reading that a disguise allows; what lies beyond 100,000 characters is not read.

    A signal for the audit and the alert, never a permission: what the platform may do does not depend on it.
    """
    plain, *hidden = undisguise(text[:MAX_TEXT])
    found = as_seen = weigh(plain)
    for view in hidden:
        weights = weigh(view)
        # A disguise is a witness of its own only where it hid something.
        if view.disguise == "invisible" or combine(weights) > combine(as_seen):
            weights = {**weights, f"hidden:{view.disguise}": DISGUISE}
        found = max(found, weights, key=combine)
    reasons = sorted(found, key=lambda family: -found[family])
    return InjectionVerdict(round(combine(found), 4), tuple(reasons))


def weigh(view: View) -> Weights:
    """The strongest families of the view's strongest place, with the shapes of the whole."""
    lowered = view.text.lower()
    sentences = split_sentences(lowered)
    shapes = find_shapes(lowered)
    foreign = weigh_off_task(sentences)
    best = shapes = {**shapes, "off_task": foreign} if foreign else shapes
    for window in windows(sentences):
        merged = merge(shapes, window)
        if combine(merged) > combine(best):
            best = merged
    return best


def windows(sentences: list[str]) -> list[Weights]:
    """The families of each sentence together with those of the next two."""
    weighed = list(map(weigh_sentence, sentences))
    merged = []
    for index in range(len(weighed)):
        if weighed[index]:
            window: Weights = {}
            for weights in weighed[index : index + WINDOW]:
                window = merge(window, weights)
            merged.append(window)
    return merged


def split_sentences(lowered: str) -> list[str]:
    """Sentences and lines; one that never ends is cut into pieces."""
    pieces: list[str] = []
    for sentence in SENTENCE_END.split(lowered):
        pieces.extend(sentence[at : at + MAX_SENTENCE] for at in range(0, len(sentence or ""), MAX_SENTENCE))
    return pieces


def weigh_sentence(sentence: str) -> Weights:
    places, _ = find_classes(sentence)
    weights: Weights = {}
    for rule in fired(places) if places else ():
        weights[rule.family] = max(rule.weight, weights.get(rule.family, 0.0))
    return weights


def find_shapes(lowered: str) -> Weights:
    weights: Weights = {}
    for shape in read_shapes():
        if any(need in lowered for need in shape.needs) and shape.pattern.search(lowered):
            weights[shape.family] = max(shape.weight, weights.get(shape.family, 0.0))
    return weights


def merge(one: Mapping[str, float], other: Mapping[str, float]) -> Weights:
    return {family: max(one.get(family, 0.0), other.get(family, 0.0)) for family in (*one, *other)}


def combine(weights: Mapping[str, float]) -> float:
    """Noisy-or: each family is an independent witness."""
    doubt = 1.0
    for weight in weights.values():
        doubt *= 1.0 - weight
    return 1.0 - doubt
