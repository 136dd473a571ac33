"""Live connections of customers and operators, for courtesy pushes.

C1 `push` to a connection that is gone reports False and forgets it. C2 A push may be lost: what counts is in `records`.
C3 A body is ≤ 32 KB of JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Connections(Protocol):
    """Who listens live; promises C1 to C3 above. A `topic` is `tenant|conversation` or `tenant|desk`."""

    def join(self, connection: str, topic: str) -> None:
        """Tell `connection` what happens on `topic` from now on."""
        ...

    def leave(self, connection: str) -> None:
        """Forget a connection."""
        ...

    def members(self, topic: str) -> Sequence[str]:
        """The connections that listen on `topic`."""
        ...

    def push(self, connection: str, body: dict[str, Any]) -> bool:
        """Send now; False where nobody is there any more (C1)."""
        ...
