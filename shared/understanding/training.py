"""Train the intent model from labelled utterances. The same texts in the same order give the same model.

Loads scikit-learn: imported by the commands that train, never by a handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from shared.understanding.calibration import calibrate
from shared.understanding.intents import Calibration, IntentModel, save_model
from shared.understanding.separation import Corpus, Separator, extract_all, read_corpus, separate
from shared.understanding.taxonomy import INTENTS_FOLDER, load_taxonomy, read_utterances

SHIPPED_AT_LEAST = 2  # texts that a feature occurs in
SHIPPED_BYTES = 880_000

Progress = Callable[[str], None]
NO_CATEGORIES: Mapping[str, str] = MappingProxyType({})


def train(
    examples: Sequence[tuple[str, str]],
    *,
    background: Sequence[str] = (),
    category_of: Mapping[str, str] = NO_CATEGORIES,
    at_least: int = 1,
    progress: Progress = lambda _: None,
) -> IntentModel:
    """A calibrated model from (text, label) pairs; raises InvalidInput with fewer than two labels.

    `background` are texts that belong to no label; features in fewer than `at_least` texts are dropped.
    """
    categories = tuple(sorted(set(category_of.values())))
    corpus = read_corpus(examples, background, dict(category_of), categories)
    blocks = extract_all(corpus)
    calibration = calibrate(corpus, blocks, at_least, progress)
    progress(f"training on {len(blocks)} texts")
    return _pack(separate(blocks, corpus.targets, corpus, at_least), corpus, categories, calibration)


def train_shipped(folder: Path = INTENTS_FOLDER, *, progress: Progress = lambda _: None) -> IntentModel:
    """The model of a company's folder: its utterances, its background, its categories; small enough to ship."""
    taxonomy = load_taxonomy(folder)
    examples, background = read_utterances(folder, taxonomy)
    model = train(
        examples,
        background=background,
        category_of=taxonomy.category_of(),
        at_least=SHIPPED_AT_LEAST,
        progress=progress,
    )
    return shrink(model, SHIPPED_BYTES)


def train_own(examples: Sequence[tuple[str, str]], *, progress: Progress = lambda _: None) -> IntentModel:
    """The model of a company's own labels; the shipped background shows what no company's customers mean."""
    _, background = read_utterances(INTENTS_FOLDER, load_taxonomy())
    return train(examples, background=background, progress=progress)


def _pack(separator: Separator, corpus: Corpus, categories: tuple[str, ...], calibration: Calibration) -> IntentModel:
    """Eight bits a weight: a column's largest weight becomes 127."""
    scale = np.maximum(np.abs(separator.weights).max(axis=0), 1e-9) / 127
    return IntentModel(
        labels=corpus.labels,
        categories=categories,
        members=corpus.members,
        vocabulary=separator.vocabulary,
        weights=np.rint(separator.weights / scale).astype(np.int8),
        scale=scale,
        bias=separator.bias,
        calibration=calibration,
    )


def shrink(model: IntentModel, most_bytes: int) -> IntentModel:
    """Set the smallest weights to zero, one step at a time, until the artefact is small enough."""
    smallest = 0
    while len(save_model(model)) > most_bytes:
        smallest += 1
        kept = np.abs(model.weights.astype(np.int16)) > smallest
        model = replace(model, weights=np.where(kept, model.weights, 0).astype(np.int8))
    return model
