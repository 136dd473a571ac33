"""Keys and signing secrets.

S1 `get` raises NotFound for a name that does not exist. S2 Two versions may be active while one is rotated out; the
newest comes first. S3 A secret never appears in an error or a log. S4 `create` stores only a first version (Conflict
where there is one), so that of two workers that both begin one wins and the other reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Secrets(Protocol):
    """Named secrets; promises S1 to S3 above."""

    def get(self, name: str) -> Sequence[bytes]:
        """The active versions of a secret, newest first (S1, S2)."""
        ...

    def create(self, name: str, value: bytes) -> None:
        """Store the first version of a secret; raises Conflict where there is one (S4)."""
        ...

    def put(self, name: str, value: bytes) -> None:
        """Store a new version; the one before stays active until the next (S2)."""
        ...

    def delete(self, name: str) -> None:
        """Forget every version; an absent secret is no error. Erasing a customer's key erases what it sealed."""
        ...
