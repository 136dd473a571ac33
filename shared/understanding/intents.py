"""The intent model: linear evidence from hashed features, calibrated confidences, novelty. NumPy only."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.errors import Misconfigured
from shared.understanding.features import Vocabulary, extract, tokenise

Floats = NDArray[np.float32]
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic weights learnt from held-out texts; see the functions that use them for the order of the inputs."""

    label: Floats
    winner: Floats
    category: Floats
    novelty: Floats
    sharpness: float


@dataclass(frozen=True, slots=True)
class IntentModel:
    """One column of weights a label, one for the background where some texts belonged to no label, one a category.

    `members` (categories x labels) says which labels make up a category; a model of a company's own labels has none.
    """

    labels: tuple[str, ...]
    categories: tuple[str, ...]
    members: NDArray[np.bool_]
    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text says for each label: margins (about -1..1) and the familiar share of the text (0..1)."""

    margins: Floats
    background: float
    categories: Floats
    known: float


def weigh_text(model: IntentModel, text: str) -> Evidence:
    """The evidence of one text, or of one clause of it."""
    positions, values, known = model.vocabulary.weigh(extract(tokenise(text)))
    raw = values @ model.weights[positions].astype(np.float32) if len(positions) else np.zeros_like(model.bias)
    return split_evidence(raw * model.scale + model.bias, known, len(model.labels), len(model.categories))


def split_evidence(columns: Floats, known: float, labels: int, categories: int) -> Evidence:
    """Sort the columns' margins: labels, background where there is one, categories."""
    heads = len(columns) - categories
    background = float(columns[labels]) if heads > labels else -1.0
    return Evidence(columns[:labels], background, columns[heads:], known)


def confidences(evidence: Evidence, calibration: Calibration) -> Floats:
    """Each label's own probability; they do not sum to one, and each grows with its own margin.

    The stricter of two curves: one tells a text's labels from all others, one tells when the best of them is right.
    """
    inputs = label_inputs(evidence)
    curves = [inputs @ curve[:-1] + curve[-1] for curve in (calibration.label, calibration.winner)]
    return _logistic(np.minimum(*curves))


def category_confidences(evidence: Evidence, calibration: Calibration, members: NDArray[np.bool_]) -> Floats:
    """Each category's probability from its own evidence and its labels' summed evidence."""
    return _logistic(
        category_inputs(evidence, calibration.sharpness, members) @ calibration.category[:-1] + calibration.category[-1]
    )


def novelty(evidence: Evidence, calibration: Calibration) -> float:
    """How likely the text belongs to no label at all, 0..1."""
    return float(_logistic(novelty_inputs(evidence) @ calibration.novelty[:-1] + calibration.novelty[-1]))


def label_inputs(evidence: Evidence) -> Floats:
    """Labels x (margin, lead over the best other label, familiar share)."""
    margins = evidence.margins
    return np.stack((margins, _lead(margins), np.full_like(margins, evidence.known)), axis=1)


def category_inputs(evidence: Evidence, sharpness: float, members: NDArray[np.bool_]) -> Floats:
    """Categories x (log-odds of the labels' summed evidence, own margin, lead over the best other, familiar share)."""
    share = np.exp(sharpness * (evidence.margins - evidence.margins.max()))
    summed = np.clip((members @ share) / share.sum(), 1e-4, 1 - 1e-4)
    odds = np.log(summed / (1 - summed))
    known = np.full_like(odds, evidence.known)
    return np.stack((odds, evidence.categories, _lead(evidence.categories), known), axis=1).astype(np.float32)


def novelty_inputs(evidence: Evidence) -> Floats:
    """(best margin, background margin); margins already shrink with what is unfamiliar."""
    return np.array([evidence.margins.max(), evidence.background], dtype=np.float32)


def _lead(margins: Floats) -> Floats:
    if len(margins) < 2:
        return margins
    second, best = np.sort(margins)[-2:]
    return np.asarray(margins - np.where(margins == best, second, best))


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))


def save_model(model: IntentModel) -> bytes:
    """The artefact: a compressed npz of plain arrays, the same bytes for the same model."""
    buffer = io.BytesIO()
    head = {
        "format": FORMAT,
        "labels": model.labels,
        "categories": model.categories,
        "sharpness": model.calibration.sharpness,
    }
    np.savez_compressed(
        buffer,
        head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        hashes=model.vocabulary.hashes,
        idf=model.vocabulary.idf.astype(np.float16),
        members=model.members,
        weights=model.weights,
        scale=model.scale,
        bias=model.bias,
        label=model.calibration.label,
        winner=model.calibration.winner,
        category=model.calibration.category,
        novelty=model.calibration.novelty,
    )
    return buffer.getvalue()


def load_model(source: bytes | Path) -> IntentModel:
    """Read an artefact; raises Misconfigured where it is not one of this format."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            if head["format"] != FORMAT:
                raise Misconfigured(f"intent model of format {head['format']}, not {FORMAT}: run `supportmax train`")
            return IntentModel(
                labels=tuple(head["labels"]),
                categories=tuple(head["categories"]),
                members=arrays["members"],
                vocabulary=Vocabulary(arrays["hashes"], arrays["idf"].astype(np.float32)),
                weights=arrays["weights"],
                scale=arrays["scale"],
                bias=arrays["bias"],
                calibration=Calibration(
                    arrays["label"], arrays["winner"], arrays["category"], arrays["novelty"], head["sharpness"]
                ),
            )
    except (ValueError, KeyError, OSError) as error:
        raise Misconfigured("not an intent model: run `supportmax train`") from error
