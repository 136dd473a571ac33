"""Ids that are the same with every run of a seed (I1)."""

from __future__ import annotations

import random


class SimulatedIds:
    """The `ids` port."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulation wants to be repeated

    def new(self, prefix: str) -> str:
        return f"{prefix}{self._random.getrandbits(128):032x}"
