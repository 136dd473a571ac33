"""Text to sparse features: hashed words, word pairs and character n-grams, weighted and scaled by block.

A feature is a 32-bit hash, so nothing but numbers is stored and a text is hashed by array arithmetic. All hashes
are stable across processes and platforms. Loads NumPy: import it where a text is scored, not at start.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.understanding.concepts import find_concepts, plain

Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]

CHAR_SIZES = (2, 3, 4)
MOST_CONCEPTS = 40
BLOCK_WEIGHTS = (1.0, 1.0, 0.6)  # words, characters, concepts

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?€$£¥]")
_POWERS = np.array([1, 0x9E3779B1, 0x85EBCA77C2B2AE63, 0xC2B2AE3D27D4EB4F, 0x27D4EB2F165667C5], dtype=np.uint64)
_FULL_WEIGHT = sum(weight * weight for weight in BLOCK_WEIGHTS)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_PAIR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Blocks:
    """One text's features, repeats included; each block is weighed by itself."""

    words: Hashes
    characters: Hashes
    concepts: Hashes

    def each(self) -> tuple[Hashes, Hashes, Hashes]:
        """The blocks in order."""
        return self.words, self.characters, self.concepts


def tokenise(text: str) -> list[str]:
    """The words of a text as the classifier sees them."""
    return _TOKEN.findall(plain(text))


def extract(tokens: list[str]) -> Blocks:
    """Hash a tokenised text."""
    words = np.fromiter((zlib.crc32(token.encode()) for token in tokens), dtype=np.uint64, count=len(tokens))
    pairs = _mixed(words[:-1] * _PAIR + words[1:] + np.uint64(7)) if len(words) > 1 else words[:0].astype(np.uint32)
    return Blocks(
        words=np.concatenate((_mixed(words), pairs)),
        characters=_character_hashes(" " + " ".join(tokens) + " "),
        concepts=_concept_hashes(find_concepts(tokens)),
    )


def _concept_hashes(numbers: list[int]) -> Hashes:
    """Each concept, and each two that occur together, whatever their order and distance."""
    single = np.array(sorted(set(numbers))[:MOST_CONCEPTS], dtype=np.uint64)
    first, second = np.triu_indices(len(single), 1)
    return _mixed(np.concatenate((single, single[first] * _PAIR + single[second])) + np.uint64(11))


def _mixed(values: NDArray[np.uint64]) -> Hashes:
    mixed = (values ^ (values >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _character_hashes(line: str) -> Hashes:
    """N-grams inside words, their borders included, of every size at once."""
    codes = np.frombuffer(line.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    spaces = np.concatenate(([0], np.cumsum(codes == 32)))
    found = []
    for size in CHAR_SIZES:
        count = len(codes) - size + 1
        if count <= 0:
            break
        inner = spaces[size - 1 : size - 1 + count] - spaces[1 : 1 + count] if size > 2 else 0
        rolled = np.full(count, size, dtype=np.uint64)
        for offset in range(size):
            rolled = rolled + codes[offset : offset + count] * _POWERS[offset]
        kept = rolled[inner == 0] if size > 2 else rolled
        found.append(_mixed(kept * _PAIR + np.uint64(size)))
    return np.concatenate(found) if found else np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known features, ascending, and how rare each is."""

    hashes: Hashes
    idf: Floats

    def weigh(self, blocks: Blocks) -> tuple[NDArray[np.intp], Floats, float]:
        """Positions and values of a text's known features, and the known share of its weight (0..1).

        Unknown features count in the norm: the less of a text is familiar, the weaker all its evidence becomes.
        """
        parts = [self._weigh_block(block, weight) for block, weight in zip(blocks.each(), BLOCK_WEIGHTS, strict=True)]
        positions = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        return positions, values, float(values @ values) / _FULL_WEIGHT

    def _weigh_block(self, block: Hashes, weight: float) -> tuple[NDArray[np.intp], Floats]:
        features, counts = np.unique(block, return_counts=True)
        positions = np.minimum(np.searchsorted(self.hashes, features), len(self.hashes) - 1)
        known = self.hashes[positions] == features
        rarity = np.where(known, self.idf[positions], self.idf.max())
        values = ((1 + np.log(counts)) * rarity).astype(np.float32)
        norm = float(np.sqrt(values @ values)) or 1.0
        return positions[known], values[known] * (weight / norm)


def learn_vocabulary(texts: list[Blocks], *, at_least: int = 1) -> Vocabulary:
    """Every feature that occurs in `at_least` texts, with its inverse document frequency."""
    each = [np.unique(np.concatenate(text.each())) for text in texts]
    hashes, counts = np.unique(np.concatenate(each), return_counts=True)
    kept = counts >= at_least
    idf = np.log((1 + len(texts)) / (1 + counts[kept])) + 1
    return Vocabulary(hashes[kept], idf.astype(np.float16).astype(np.float32))
