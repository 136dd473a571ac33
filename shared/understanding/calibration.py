"""Learn from texts held out of training how margins become confidences, and what an unknown wish looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from shared.errors import InvalidInput
from shared.understanding.features import Blocks, extract, learn_vocabulary
from shared.understanding.intents import Calibration, Evidence, category_inputs, label_inputs, novelty_inputs
from shared.understanding.separation import NOTHING, SEED, Corpus, Floats, Numbers, fit_logistic, separate, to_matrix

FOLDS = 4
ONE_FOLD_FROM = 8000  # texts; from here on one held-out quarter calibrates well enough
UNSEEN_LABELS = 0.15  # of the labels are left out of each fold, to learn what an unknown wish looks like
UNSEEN_WORDS = 0.3  # of a held-out text's words are made unknown: customers write in words of their own
USUAL_NOVELTY = (-4.0, 0.0, 0.0)  # where training saw nothing unknown: the less evidence, the more novel
AT_ONCE = 500  # texts compared with all others of their label in one step
NO_DOUBT = np.array((0.0, 0.0, 0.0, 30.0), dtype=np.float32)  # where every winner was right, or none could be heard
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
    """The logistic curves of label, winner, category and novelty.

    Whether a winner is right is learnt half from texts whose likes were never seen: strangers write in other words.
    """
    held_out = _hold_out_all(corpus, blocks, deal_folds(corpus), at_least, progress)
    if not held_out:
        raise InvalidInput("too few examples", field="text", limit="2 texts of each of 2 labels", action="give more")
    strange = _hold_out_all(corpus, blocks, deal_kin(corpus, blocks), at_least, progress)
    progress("calibrating")
    sharpness = min(SHARPNESS, key=lambda value: _surprise(held_out, value))
    return Calibration(
        label=fit_logistic(
            np.concatenate([label_inputs(row.in_other_words) for row in held_out]),
            np.concatenate([row.columns == row.target for row in held_out]),
        ),
        winner=_fit_winner(held_out, strange),
        category=_fit_category(held_out, corpus, sharpness),
        novelty=_fit_novelty(held_out),
        sharpness=sharpness,
    )


def _fit_category(held_out: list[HeldOut], corpus: Corpus, sharpness: float) -> Floats:
    if not len(corpus.members):
        return np.zeros(1, dtype=np.float32)
    belong = _labelled(held_out)
    inputs = [category_inputs(row.in_other_words, sharpness, corpus.members[:, row.columns]) for row in belong]
    return fit_logistic(np.concatenate(inputs), np.concatenate([corpus.members[:, row.target] for row in belong]))


def _fit_novelty(held_out: list[HeldOut]) -> Floats:
    unknown = np.array([row.target == NOTHING for row in held_out])
    if not unknown.any():
        return np.array(USUAL_NOVELTY, np.float32)
    return fit_logistic(np.array([novelty_inputs(row.evidence) for row in held_out]), unknown, balanced=True)


def _labelled(rows: list[HeldOut]) -> list[HeldOut]:
    return [row for row in rows if row.target != NOTHING]


def _hold_out_all(
    corpus: Corpus, blocks: list[Blocks], folds: Iterator[Fold], at_least: int, progress: Progress
) -> list[HeldOut]:
    held_out = []
    for fold in folds:
        progress(f"learning what to be sure of, round {fold.number + 1}")
        held_out += hold_out(corpus, blocks, fold, at_least)
    return held_out


def _fit_winner(held_out: list[HeldOut], strange: list[HeldOut]) -> Floats:
    """When the label with the most evidence is right: for texts like those that taught it, and for strangers."""
    rows = _labelled(held_out) + _labelled(strange)
    best = [int(row.evidence.margins.argmax()) for row in rows]
    inputs = np.stack([label_inputs(row.evidence)[winner] for row, winner in zip(rows, best, strict=True)])
    hits = np.array([row.columns[winner] == row.target for row, winner in zip(rows, best, strict=True)])
    return fit_logistic(inputs, hits) if len(np.unique(hits)) > 1 else NO_DOUBT


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


def deal_kin(corpus: Corpus, blocks: list[Blocks]) -> Iterator[Fold]:
    """Each label's texts dealt in families, so that nothing like a held-out text is trained on."""
    matrix = to_matrix(blocks, learn_vocabulary(blocks))
    place = np.empty(len(corpus.targets), dtype=np.intp)
    for label in range(NOTHING, len(corpus.labels)):
        of_label = np.flatnonzero(corpus.targets == label)
        family = find_families(matrix[of_label])
        sizes = np.bincount(family)
        dealt = np.zeros(FOLDS, dtype=np.intp)
        for number in np.argsort(-sizes, kind="stable"):
            fewest = int(dealt.argmin())
            place[of_label[family == number]] = fewest
            dealt[fewest] += sizes[number]
    for number in range(FOLDS if len(corpus.targets) < ONE_FOLD_FROM else 1):
        yield Fold(number, np.flatnonzero(place != number), np.flatnonzero(place == number))


def find_families(texts: csr_matrix) -> Numbers:
    """Each text's family: a text and the one most like it belong to the same, about three texts in each."""
    count = texts.shape[0]
    likest = np.arange(count)
    for start in range(0, count if count > 1 else 0, AT_ONCE):
        alike = (texts[start : start + AT_ONCE] @ texts.T).toarray()
        rows = np.arange(len(alike))
        alike[rows, start + rows] = -1.0
        likest[start + rows] = alike.argmax(axis=1)
    pairs = csr_matrix((np.ones(count), (np.arange(count), likest)), shape=(count, count))
    return np.asarray(connected_components(pairs, directed=False)[1], dtype=np.intp)


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
