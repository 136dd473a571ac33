"""Facts told to whoever listens.

E1 At least once per subscriber. E2 No order. E3 A body is ≤ 64 KB of JSON. E4 A subscriber that fails is told again and
delays no other. E5 `publish` returns only when every event is durably accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.ports.records import Event


class Events(Protocol):
    """A bus of named facts; promises E1 to E5 above. Who listens to which name stands in the manifest."""

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the facts to every subscriber of their names (E1, E5)."""
        ...
