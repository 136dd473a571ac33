"""Events as messages, one for each subscriber, so that one that fails is told again alone (E1 to E5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from adapters.local.queue import LocalQueue, Waiting
from shared.ports.clock import Clock
from shared.ports.limits import encode_message
from shared.ports.records import Event


class LocalEvents:
    """The `events` port: an event becomes a message `{id, name, body}` in the queue named after each subscriber."""

    def __init__(self, queue: LocalQueue, clock: Clock, subscriptions: Mapping[str, Sequence[str]]) -> None:
        self._queue, self._clock = queue, clock
        self._subscriptions = {name: tuple(handlers) for name, handlers in subscriptions.items()}

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues to work on: every handler that listens to anything, ascending."""
        return tuple(sorted({handler for handlers in self._subscriptions.values() for handler in handlers}))

    def publish(self, events: Sequence[Event]) -> None:
        """Accept every event for every subscriber in one transaction (E5)."""
        now = self._clock.now()
        messages = []
        for event in events:
            text = _envelope(event)
            tenant = event.body.get("tenant")
            group = tenant if isinstance(tenant, str) else ""
            for handler in self._subscriptions.get(event.name, ()):
                messages.append(Waiting(handler, group, text, now))
        if messages:
            self._queue.accept(messages)


def _envelope(event: Event) -> str:
    """The message's text; the limit is on the event's own body (E3)."""
    body = encode_message(event.body, f"event {event.name}")
    return f'{{"id":{json.dumps(event.id)},"name":{json.dumps(event.name)},"body":{body}}}'
