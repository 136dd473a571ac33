"""Events as messages, one for each subscriber, so that one that fails is told again alone (E1 to E5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.simulated.queue import SimulatedQueue
from shared.ports.limits import encode_message
from shared.ports.records import Event


class SimulatedEvents:
    """The `events` port: an event becomes a message `{id, name, body}` in the queue named after each subscriber."""

    def __init__(self, queue: SimulatedQueue, subscriptions: Mapping[str, Sequence[str]]) -> None:
        self._queue, self._subscriptions = queue, subscriptions

    def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            encode_message(event.body, f"event {event.name}")
        for event in events:
            tenant = event.body.get("tenant")
            group = tenant if isinstance(tenant, str) else ""
            for handler in self._subscriptions.get(event.name, ()):
                body = {"id": event.id, "name": event.name, "body": event.body}
                self._queue.accept(handler, body, group)
