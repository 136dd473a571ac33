"""Linear separators for labels and categories, fitted with scikit-learn: training time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from shared.errors import InvalidInput
from shared.understanding.features import Blocks, Vocabulary, extract, learn_vocabulary, tokenise
from shared.understanding.intents import Evidence, split_evidence

SEED = 20261120
REGULARISATION = 0.5
NOTHING = -1  # the target of a text that belongs to no label

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Labelled texts; `members` is categories x labels, with no rows where labels have no categories."""

    tokens: tuple[tuple[str, ...], ...]
    targets: Numbers
    labels: tuple[str, ...]
    members: NDArray[np.bool_]

    def categories_of(self, targets: Numbers) -> Numbers:
        """Each target's category, or NOTHING."""
        owners = np.append(self.members.argmax(axis=0), NOTHING)
        return np.asarray(owners[targets])


@dataclass(frozen=True, slots=True)
class Separator:
    """Weights (features x columns): the labels known, the background where there was one, the categories."""

    vocabulary: Vocabulary
    weights: Floats
    bias: Floats
    known: Numbers
    categories: int

    def hear(self, blocks: Blocks) -> Evidence:
        """What it says about a text."""
        positions, values, known = self.vocabulary.weigh(blocks)
        margins = (values @ self.weights[positions] + self.bias).astype(np.float32)
        return split_evidence(margins, known, len(self.known), self.categories)


def read_corpus(
    examples: Sequence[tuple[str, str]],
    background: Sequence[str],
    category_of: dict[str, str],
    categories: Sequence[str],
) -> Corpus:
    """Tokenise and number the labels in alphabetical order; raises InvalidInput with fewer than two labels."""
    labels = tuple(sorted({label for _, label in examples}))
    if len(labels) < 2:
        raise InvalidInput("too few labels", field="label", limit="at least 2 labels", action="give examples of more")
    numbers = {label: number for number, label in enumerate(labels)}
    targets = [numbers[label] for _, label in examples] + [NOTHING] * len(background)
    texts = [text for text, _ in examples] + list(background)
    owners = np.array([category_of.get(label) for label in labels], dtype=object)
    return Corpus(
        tokens=tuple(tuple(tokenise(text)) for text in texts),
        targets=np.array(targets, dtype=np.intp),
        labels=labels,
        members=np.asarray(np.array(categories, dtype=object)[:, None] == owners, dtype=np.bool_),
    )


def separate(blocks: list[Blocks], targets: Numbers, corpus: Corpus, at_least: int) -> Separator:
    """Learn to tell each label, the background and each category from all the rest.

    Only labelled texts make features known: what is said beside the subject should look unfamiliar.
    """
    labelled = [block for block, target in zip(blocks, targets, strict=True) if target != NOTHING]
    vocabulary = learn_vocabulary(labelled, at_least=at_least)
    matrix = to_matrix(blocks, vocabulary)
    weights, bias = _fit_columns(matrix, targets)
    if len(corpus.members):
        columns, offsets = _fit_columns(matrix, corpus.categories_of(targets))
        count = len(corpus.members)  # the background's own column among the categories says nothing new
        weights, bias = np.hstack((weights, columns[:, :count])), np.append(bias, offsets[:count])
    known = np.unique(targets[targets != NOTHING])
    return Separator(vocabulary, weights, bias, known, len(corpus.members))


def _fit_columns(matrix: csr_matrix, targets: Numbers) -> tuple[Floats, Floats]:
    """One column of weights a target, ascending, NOTHING last."""
    fitted = LinearSVC(C=REGULARISATION, tol=1e-2, random_state=SEED).fit(matrix, targets)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights, bias = np.vstack((-weights, weights)), np.append(-bias, bias)
    order = np.argsort(np.where(fitted.classes_ == NOTHING, fitted.classes_.max() + 1, fitted.classes_))
    return weights[order].T.astype(np.float32), bias[order].astype(np.float32)


def to_matrix(blocks: list[Blocks], vocabulary: Vocabulary) -> csr_matrix:
    """Texts x features."""
    weighed = [vocabulary.weigh(block) for block in blocks]
    ends = np.cumsum([0, *(len(positions) for positions, _, _ in weighed)])
    positions = np.concatenate([positions for positions, _, _ in weighed])
    values = np.concatenate([values for _, values, _ in weighed]).astype(np.float64)
    return csr_matrix((values, positions, ends), shape=(len(blocks), len(vocabulary.hashes)))


def fit_logistic(inputs: Floats, hits: NDArray[np.bool_], *, balanced: bool = False) -> Floats:
    """Weights and, last, the offset of a logistic curve; zeros where there is nothing to tell apart."""
    if len(np.unique(hits)) < 2:
        return np.zeros(inputs.shape[1] + 1, dtype=np.float32)
    fitted = LogisticRegression(C=100.0, max_iter=1000, class_weight="balanced" if balanced else None).fit(inputs, hits)
    return np.append(fitted.coef_[0], fitted.intercept_).astype(np.float32)


def extract_all(corpus: Corpus) -> list[Blocks]:
    """Every text's features."""
    return [extract(list(tokens)) for tokens in corpus.tokens]
