"""Understand one message: what it wants, how urgent, in which mood and language, and what it names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from shared.errors import InvalidInput
from shared.understanding.clauses import split_clauses
from shared.understanding.entities import Entity, find_entities, load_entity_table
from shared.understanding.intents import (
    Evidence,
    IntentModel,
    category_confidences,
    confidences,
    load_model,
    novelty,
    weigh_text,
)
from shared.understanding.language import detect_language
from shared.understanding.mood import Sentiment, assess_mood
from shared.understanding.priority import find_cues, set_priority
from shared.understanding.taxonomy import INTENTS_FOLDER, Taxonomy, load_taxonomy

LONGEST_TEXT = 5000
LONGEST_SUBJECT = 1000
LISTED_FROM = 0.35  # an intent of the whole message is listed from this confidence on (requirements §11.6)
HEARD_FROM = 0.42  # and one that only a clause of it carries from this: clauses are many, each may mishear
MOST_INTENTS = 5


@dataclass(frozen=True, slots=True)
class NamedConfidence:
    """An intent and how likely the message carries it, apart from any other."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message says; `intents` begins with `intent`, the main wish, and goes on by confidence."""

    intent: str
    category: str
    confidence: float
    category_confidence: float
    intents: tuple[NamedConfidence, ...]
    out_of_scope: float
    priority: str
    sentiment: Sentiment
    frustration: float
    language: str
    entities: tuple[Entity, ...]


@cache
def shipped_model() -> IntentModel:
    """The model trained from the project's own utterances; about 10 ms to load, once a process."""
    return load_model(INTENTS_FOLDER / "model.npz")


def understand(
    text: object,
    subject: object = None,
    *,
    model: IntentModel | None = None,
    own_labels: IntentModel | None = None,
    products: tuple[str, ...] = (),
    taxonomy: Taxonomy | None = None,
) -> Understanding:
    """What the message says; `own_labels` answers `intent` with a company's own labels. Raises InvalidInput."""
    own, whole = read_message(text, subject)
    model, taxonomy = model or shipped_model(), taxonomy or load_taxonomy()
    clauses = split_clauses(whole)
    evidence = weigh_text(model, whole)
    intents = _name_intents(model, evidence, clauses)
    category, category_confidence = _name_category(model, evidence)
    language = detect_language(whole)
    mood = assess_mood(whole, language)
    usual = [
        (taxonomy.intents[found.name].priority, found.confidence) for found in intents if found.name in taxonomy.intents
    ]
    if own_labels is not None:
        model, evidence = own_labels, weigh_text(own_labels, whole)
        intents = _name_intents(own_labels, evidence, clauses)
    return Understanding(
        intent=intents[0].name,
        category=category,
        confidence=intents[0].confidence,
        category_confidence=category_confidence,
        intents=intents,
        out_of_scope=round(novelty(evidence, model.calibration), 4),
        priority=set_priority(usual, find_cues(whole), mood.frustration),
        sentiment=mood.sentiment,
        frustration=mood.frustration,
        language=language,
        entities=find_entities(own, load_entity_table(products)),
    )


def read_message(text: object, subject: object = None) -> tuple[str, str]:
    """The text, and subject and text as one; raises InvalidInput naming the field and its limit."""
    text, subject = _check_text(text), _check_subject(subject)
    return text, f"{subject}\n{text}" if subject.strip() else text


def _check_text(text: object) -> str:
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(
            "text cannot be used", field="text", limit=f"a string of 1 to {LONGEST_TEXT} characters",
            action="send the customer's words, shortened if need be",
        )  # fmt: skip
    return text


def _check_subject(subject: object) -> str:
    subject = "" if subject is None else subject
    if not isinstance(subject, str) or len(subject) > LONGEST_SUBJECT:
        raise InvalidInput(
            "subject cannot be used", field="subject", limit=f"a string of at most {LONGEST_SUBJECT} characters",
            action="shorten the subject or leave it out",
        )  # fmt: skip
    return subject


def _name_intents(model: IntentModel, evidence: Evidence, clauses: Sequence[str]) -> tuple[NamedConfidence, ...]:
    """The main wish from the whole message; beside it what the whole or one clause says clearly enough.

    Several wishes weaken each other in the whole, so where clauses tell them apart, each counts as in its own.
    """
    sure = confidences(evidence, model.calibration)
    main = int(sure.argmax())
    listed = sure >= LISTED_FROM
    heard: dict[int, float] = {}
    for clause in clauses:
        in_clause = confidences(weigh_text(model, clause), model.calibration)
        best = int(in_clause.argmax())
        if in_clause[best] >= HEARD_FROM:
            heard[best] = max(heard.get(best, 0.0), float(in_clause[best]))
    for label, confidence in heard.items() if heard.keys() - {main} else ():
        listed[label] = True
        sure[label] = max(sure[label], confidence)
    order = sorted(np.flatnonzero(listed | (np.arange(len(sure)) == main)), key=lambda i: (i != main, -sure[i], i))
    return tuple(NamedConfidence(model.labels[i], round(float(sure[i]), 4)) for i in order[:MOST_INTENTS])


def _name_category(model: IntentModel, evidence: Evidence) -> tuple[str, float]:
    sure = category_confidences(evidence, model.calibration, model.members)
    best = int(sure.argmax())
    return model.categories[best], round(float(sure[best]), 4)
