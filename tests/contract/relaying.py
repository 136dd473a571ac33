"""The hook by which a contract sees what a provider's relay tells (R9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared.ports.records import Event


class Relayed:
    """A subclass supplies `relay`."""

    def relay(self, provider: Any, tell: Callable[[Sequence[Event]], None]) -> None:
        """Hand stored events to `tell` as this provider's relay does; what it raises is raised, and they wait on."""
        raise NotImplementedError

    def told(self, provider: Any) -> list[Event]:
        """Relay everything that waits; the events, in the order in which they were told."""
        found: list[Event] = []
        self.relay(provider, found.extend)
        return found


def among(told: Sequence[Event], *wanted: Event) -> list[Event]:
    """Those of the events told that a test has stored."""
    ids = {event.id for event in wanted}
    return [event for event in told if event.id in ids]
