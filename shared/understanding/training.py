"""Train the intent model: linear separators, then confidences and novelty learnt from texts held out of training.

scikit-learn is loaded here and nowhere else. The same texts in the same order give the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.errors import InvalidInput
from shared.understanding.features import Blocks, Vocabulary, extract, learn_vocabulary, tokenise
from shared.understanding.intents import (
    Calibration,
    Evidence,
    IntentModel,
    category_inputs,
    label_inputs,
    novelty_inputs,
    split_evidence,
)
from shared.understanding.taxonomy import INTENTS_FOLDER, load_taxonomy, read_utterances

SEED = 20261120
FOLDS = 4
ONE_FOLD_FROM = 4000  # texts; from here on one held-out quarter calibrates well enough
UNSEEN_LABELS = 0.15  # of the labels are left out of each fold, to learn what an unknown wish looks like
UNSEEN_WORDS = 0.15  # of a held-out text's words are made unknown: customers write in words of their own
SHARPNESS = (2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 15.0)
REGULARISATION = 0.5
SHIPPED_AT_LEAST = 2  # texts that a feature occurs in; keeps the shipped file small

Progress = Callable[[str], None]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Labelled texts; label -1 marks background, a text that belongs to no label."""

    tokens: tuple[tuple[str, ...], ...]
    targets: NDArray[np.intp]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Separator:
    """Weights (features x columns) over a vocabulary; `columns` are label indices, the background's is the last."""

    vocabulary: Vocabulary
    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the separators said about a text that they had not seen; target -1 = belongs to no label they knew."""

    evidence: Evidence
    in_other_words: Evidence
    target: int
    columns: NDArray[np.intp]


def train(
    examples: Sequence[tuple[str, str]],
    *,
    background: Sequence[str] = (),
    categories: Mapping[str, str] | None = None,
    at_least: int = 1,
    progress: Progress = lambda _: None,
) -> IntentModel:
    """A calibrated model from (text, label) pairs; raises InvalidInput with fewer than two labels."""
    corpus = read_corpus(examples, background)
    members = _members(corpus.labels, categories or {})
    blocks = [extract(list(tokens)) for tokens in corpus.tokens]
    held_out = [row for fold in _folds(corpus) for row in _hold_out(corpus, blocks, fold, at_least, progress)]
    progress("calibrating")
    calibration = calibrate(held_out, len(corpus.labels), members)
    progress(f"training on {len(blocks)} texts")
    return _pack(_separate(blocks, corpus.targets, at_least), corpus.labels, calibration)


def train_shipped(folder: Path = INTENTS_FOLDER, *, progress: Progress = lambda _: None) -> IntentModel:
    """The model of a company's folder: its utterances, its background, its categories; small enough to ship."""
    taxonomy = load_taxonomy(folder)
    utterances = read_utterances(folder)
    background = [text for text, label in utterances if label == taxonomy.background]
    examples = [(text, label) for text, label in utterances if label != taxonomy.background]
    return train(
        examples, background=background, categories=taxonomy.category_of(), at_least=SHIPPED_AT_LEAST, progress=progress
    )


def read_corpus(examples: Sequence[tuple[str, str]], background: Sequence[str]) -> Corpus:
    """Tokenise and number the labels in alphabetical order."""
    labels = tuple(sorted({label for _, label in examples}))
    if len(labels) < 2:
        raise InvalidInput("too few labels", field="label", limit="at least 2 labels", action="give examples of more")
    numbers = {label: number for number, label in enumerate(labels)}
    targets = [numbers[label] for _, label in examples] + [-1] * len(background)
    texts = [text for text, _ in examples] + list(background)
    return Corpus(tuple(tuple(tokenise(text)) for text in texts), np.array(targets, dtype=np.intp), labels)


def _members(labels: tuple[str, ...], categories: Mapping[str, str]) -> NDArray[np.bool_]:
    names = sorted({categories.get(label, label) for label in labels})
    return np.array([[categories.get(label, label) == name for label in labels] for name in names])


@dataclass(frozen=True, slots=True)
class _Fold:
    number: int
    test: NDArray[np.intp]
    training: NDArray[np.intp]


def _folds(corpus: Corpus) -> list[_Fold]:
    """Each label's texts dealt in turn to the folds; each fold also hides a few labels from training altogether."""
    random = np.random.default_rng(SEED)
    targets = corpus.targets
    place = np.empty(len(targets), dtype=np.intp)
    for label in range(-1, len(corpus.labels)):
        of_label = np.flatnonzero(targets == label)
        place[random.permutation(of_label)] = (np.arange(len(of_label)) + random.integers(FOLDS)) % FOLDS
    folds = []
    for number in range(FOLDS if len(targets) < ONE_FOLD_FROM else 1):
        hidden_count = int(UNSEEN_LABELS * len(corpus.labels)) if len(corpus.labels) > 5 else 0
        hidden = random.permutation(len(corpus.labels))[:hidden_count]
        kept = (place != number) & ~np.isin(targets, hidden)
        folds.append(_Fold(number, np.flatnonzero(place == number), np.flatnonzero(kept)))
    return folds


def _hold_out(corpus: Corpus, blocks: list[Blocks], fold: _Fold, at_least: int, progress: Progress) -> list[HeldOut]:
    progress(f"learning what to be sure of, round {fold.number + 1}")
    targets = corpus.targets[fold.training]
    columns = np.unique(targets[targets >= 0])
    separator = _separate([blocks[row] for row in fold.training], targets, at_least)
    random = np.random.default_rng(SEED + fold.number)
    found = []
    for row in fold.test:
        target = int(corpus.targets[row])
        in_other_words = extract(_make_unfamiliar(corpus.tokens[row], random))
        found.append(
            HeldOut(
                evidence=_hear(separator, blocks[row], len(columns)),
                in_other_words=_hear(separator, in_other_words, len(columns)),
                target=target if target in columns else -1,
                columns=columns,
            )
        )
    return found


def _hear(separator: Separator, blocks: Blocks, labels: int) -> Evidence:
    positions, values, known = separator.vocabulary.weigh(blocks)
    return split_evidence(values @ separator.weights[positions] + separator.bias, known, labels)


def _make_unfamiliar(tokens: tuple[str, ...], random: np.random.Generator) -> list[str]:
    unseen = random.random(len(tokens)) < UNSEEN_WORDS
    return [f"q{number}zx" if new else token for number, (token, new) in enumerate(zip(tokens, unseen, strict=True))]


def _separate(blocks: list[Blocks], targets: NDArray[np.intp], at_least: int) -> Separator:
    """One linear separator a label against all other texts; the background's, where there is one, comes last."""
    from sklearn.svm import LinearSVC

    vocabulary = learn_vocabulary(blocks, at_least=at_least)
    present = np.unique(targets)
    fitted = LinearSVC(C=REGULARISATION, tol=1e-2, random_state=SEED).fit(_matrix(blocks, vocabulary), targets)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(present) == 2:
        weights, bias = np.vstack((-weights, weights)), np.concatenate((-bias, bias))
    order = np.argsort(np.where(present < 0, len(present), present), kind="stable")
    return Separator(vocabulary, weights[order].T.astype(np.float32), bias[order].astype(np.float32))


def _matrix(blocks: list[Blocks], vocabulary: Vocabulary) -> object:
    from scipy.sparse import csr_matrix

    weighed = [vocabulary.weigh(block) for block in blocks]
    ends = np.cumsum([0, *(len(positions) for positions, _, _ in weighed)])
    positions = np.concatenate([positions for positions, _, _ in weighed])
    values = np.concatenate([values for _, values, _ in weighed]).astype(np.float64)
    return csr_matrix((values, positions, ends), shape=(len(blocks), len(vocabulary.hashes)))


def calibrate(held_out: list[HeldOut], labels: int, members: NDArray[np.bool_]) -> Calibration:
    """Learn, from held-out texts, how margins turn into confidences and what an unknown wish looks like."""
    sharpness = min(SHARPNESS, key=lambda value: _surprise(held_out, value))
    belongs = [row for row in held_out if row.target >= 0]
    label_rows = [label_inputs(row.in_other_words) for row in held_out]
    label_hits = [row.columns == row.target for row in held_out]
    category_rows = [category_inputs(row.in_other_words, sharpness, members[:, row.columns]) for row in belongs]
    category_hits = [members[:, row.target] for row in belongs]
    novel = np.array([novelty_inputs(row.evidence) for row in held_out])
    return Calibration(
        label=_fit_logistic(np.concatenate(label_rows), np.concatenate(label_hits)),
        category=_fit_logistic(np.concatenate(category_rows), np.concatenate(category_hits)),
        novelty=_fit_logistic(novel, np.array([row.target < 0 for row in held_out]), balanced=True),
        sharpness=sharpness,
    )


def _surprise(held_out: list[HeldOut], sharpness: float) -> float:
    total = 0.0
    for row in held_out:
        if row.target >= 0:
            share = sharpness * (row.in_other_words.margins - row.in_other_words.margins.max())
            total += float(np.log(np.exp(share).sum()) - share[row.columns == row.target][0])
    return total


def _fit_logistic(inputs: Floats, hits: NDArray[np.bool_], *, balanced: bool = False) -> Floats:
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(hits)) < 2:
        return np.zeros(inputs.shape[1] + 1, dtype=np.float32)
    fitted = LogisticRegression(C=100.0, max_iter=1000, class_weight="balanced" if balanced else None).fit(inputs, hits)
    return np.concatenate((fitted.coef_[0], fitted.intercept_)).astype(np.float32)


def _pack(separator: Separator, labels: tuple[str, ...], calibration: Calibration) -> IntentModel:
    """Eight bits a weight: a column's largest weight becomes 127."""
    scale = np.maximum(np.abs(separator.weights).max(axis=0), 1e-9) / 127
    weights = np.rint(separator.weights / scale).astype(np.int8)
    return IntentModel(labels, separator.vocabulary, weights, scale, separator.bias, calibration)
