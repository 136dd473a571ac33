"""Learn from texts held out of training how margins become confidences, and what an unknown wish looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from shared.understanding.features import Blocks, extract
from shared.understanding.intents import Calibration, Evidence, category_inputs, label_inputs, novelty_inputs
from shared.understanding.separation import NOTHING, SEED, Corpus, Numbers, fit_logistic, separate

FOLDS = 4
ONE_FOLD_FROM = 8000  # texts; from here on one held-out quarter calibrates well enough
UNSEEN_LABELS = 0.15  # of the labels are left out of each fold, to learn what an unknown wish looks like
UNSEEN_WORDS = 0.3  # of a held-out text's words are made unknown: customers write in words of their own
USUAL_NOVELTY = (-4.0, 0.0, 0.0)  # where training saw nothing unknown: the less evidence, the more novel
SHARPNESS = (2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 15.0)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What separators said about a text that they had not seen; `columns` are the labels that they knew."""

    evidence: Evidence
    in_other_words: Evidence
    target: int
    columns: Numbers


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows to train on and rows to listen to."""

    number: int
    training: Numbers
    test: Numbers


def calibrate(corpus: Corpus, blocks: list[Blocks], at_least: int, progress: Progress) -> Calibration:
    """The logistic curves of label, category and novelty."""
    held_out = []
    for fold in deal_folds(corpus):
        progress(f"learning what to be sure of, round {fold.number + 1}")
        held_out += hold_out(corpus, blocks, fold, at_least)
    progress("calibrating")
    sharpness = min(SHARPNESS, key=lambda value: _surprise(held_out, value))
    novel = np.array([novelty_inputs(row.evidence) for row in held_out])
    unknown = np.array([row.target == NOTHING for row in held_out])
    label_inputs_of = [label_inputs(row.in_other_words) for row in held_out]
    label_hits = [row.columns == row.target for row in held_out]
    category = np.zeros(1, dtype=np.float32)
    if len(corpus.members):
        belong = [row for row in held_out if row.target != NOTHING]
        inputs = [category_inputs(row.in_other_words, sharpness, corpus.members[:, row.columns]) for row in belong]
        hits = [corpus.members[:, row.target] for row in belong]
        category = fit_logistic(np.concatenate(inputs), np.concatenate(hits))
    return Calibration(
        label=fit_logistic(np.concatenate(label_inputs_of), np.concatenate(label_hits)),
        category=category,
        novelty=fit_logistic(novel, unknown, balanced=True) if unknown.any() else np.array(USUAL_NOVELTY, np.float32),
        sharpness=sharpness,
    )


def deal_folds(corpus: Corpus) -> Iterator[Fold]:
    """Each label's texts dealt in turn to the folds; each fold also hides a few labels from training altogether."""
    random = np.random.default_rng(SEED)
    place = np.empty(len(corpus.targets), dtype=np.intp)
    for label in range(NOTHING, len(corpus.labels)):
        of_label = np.flatnonzero(corpus.targets == label)
        place[random.permutation(of_label)] = (np.arange(len(of_label)) + random.integers(FOLDS)) % FOLDS
    hidden = int(UNSEEN_LABELS * len(corpus.labels)) if len(corpus.labels) > FOLDS else 0
    for number in range(FOLDS if len(corpus.targets) < ONE_FOLD_FROM else 1):
        unseen = random.permutation(len(corpus.labels))[:hidden]
        training = np.flatnonzero((place != number) & ~np.isin(corpus.targets, unseen))
        yield Fold(number, training, np.flatnonzero(place == number))


def hold_out(corpus: Corpus, blocks: list[Blocks], fold: Fold, at_least: int) -> list[HeldOut]:
    """Train on a fold's texts and listen to the others, as they are and in partly unknown words."""
    targets = corpus.targets[fold.training]
    if len(np.unique(targets[targets != NOTHING])) < 2:
        return []
    separator = separate([blocks[row] for row in fold.training], targets, corpus, at_least)
    random = np.random.default_rng(SEED + fold.number)
    found = []
    for row in fold.test:
        target = int(corpus.targets[row])
        in_other_words = extract(_make_unfamiliar(corpus.tokens[row], random))
        found.append(
            HeldOut(
                evidence=separator.hear(blocks[row]),
                in_other_words=separator.hear(in_other_words),
                target=target if target in separator.known else NOTHING,
                columns=separator.known,
            )
        )
    return found


def _make_unfamiliar(tokens: tuple[str, ...], random: np.random.Generator) -> list[str]:
    unseen = random.random(len(tokens)) < UNSEEN_WORDS
    return [f"q{number}zx" if new else token for number, (token, new) in enumerate(zip(tokens, unseen, strict=True))]


def _surprise(held_out: list[HeldOut], sharpness: float) -> float:
    """How unlikely the true labels are when margins are sharpened so."""
    total = 0.0
    for row in held_out:
        if row.target != NOTHING:
            share = sharpness * (row.in_other_words.margins - row.in_other_words.margins.max())
            total += float(np.log(np.exp(share).sum()) - share[row.columns == row.target][0])
    return total
