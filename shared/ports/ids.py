"""Names for things that have no business identity. I1 Two calls never return the same id."""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    """The only source of randomness; promise I1 above."""

    def new(self, prefix: str) -> str:
        """A fresh id that begins with `prefix` (I1), lower-case letters and digits."""
        ...
