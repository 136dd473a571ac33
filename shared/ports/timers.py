"""Something to do later, that cannot wait for the one-minute sweep.

M1 Fires at least once, not before its time on the provider's clock. M2 Setting a name again replaces it. M3 A cancelled
timer may still fire, so its handler re-reads the record: a timer is a hint, never the truth. M4 Survives the process.
"""

from __future__ import annotations

from typing import Any, Protocol


class Timers(Protocol):
    """Durable timers; promises M1 to M4 above."""

    def set(self, name: str, at: int, handler: str, body: dict[str, Any]) -> None:
        """Call `handler` with `body` at epoch second `at` (M1, M2)."""
        ...

    def cancel(self, name: str) -> None:
        """Forget a timer; an absent one is no error (M3)."""
        ...
