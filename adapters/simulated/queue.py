"""A queue in memory: leases by virtual time, dead letters, redrives (Q1 to Q9)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import InvalidInput
from shared.ports.clock import Clock
from shared.ports.limits import encode_message
from shared.ports.queue import QueueMessage

LEASE_MS = 330_000
MAX_FAILURES = 5
BACKOFF_MS = (1_000, 5_000, 20_000, 60_000)


@dataclass(slots=True)
class Waiting:
    """A message in the queue; `visible_at` is when a worker may have it (epoch ms), `attempts` how often one had it."""

    broker_id: str
    queue: str
    group: str
    text: str
    visible_at: int
    attempts: int = 0
    dead: bool = False
    last_error: str = ""


class SimulatedQueue:
    """The `queue` port, and what its workers use to receive; `watch` hears of each message that was worked off."""

    def __init__(self, clock: Clock, watch: Callable[[QueueMessage], None] | None = None) -> None:
        self._clock, self._watch = clock, watch
        self._count = 0
        self._kept: dict[str, Waiting] = {}
        self._fresh: Counter[tuple[str, int]] = Counter()

    def send(self, queue: str, body: dict[str, Any], *, group: str, delay_seconds: int = 0) -> None:
        if not queue or delay_seconds < 0:
            raise InvalidInput("a queue", field="queue", limit="a name, a delay from 0", action="name the queue")
        self._add(queue, group, encode_message(body, f"queue {queue}"), self._clock.now() + delay_seconds * 1000)

    def accept(self, queue: str, body: dict[str, Any], group: str) -> None:
        """Enqueue what another port has checked."""
        self._add(queue, group, json.dumps(body), self._clock.now())

    def receive(self, queue: str, pick: int = 0) -> QueueMessage | None:
        """Lease one of the messages that are visible now; None where there is none."""
        for each in self._visible(queue):
            if each.attempts >= MAX_FAILURES:
                each.dead, each.last_error = True, each.last_error or "the worker died"
        seen = self._visible(queue)
        if not seen:
            return None
        found = seen[pick % len(seen)]
        found.visible_at, found.attempts = self._clock.now() + LEASE_MS, found.attempts + 1
        return _message(found)

    def delete(self, message: QueueMessage) -> None:
        """The work is done."""
        found = self._kept.get(message.broker_id)
        if found is not None and not found.dead:
            del self._kept[message.broker_id]
            if self._watch is not None:
                self._watch(message)

    def lose(self, message: QueueMessage) -> None:
        """The broker drops a message that nobody has handled, which it promises not to."""
        self._kept.pop(message.broker_id, None)

    def put_back(self, message: QueueMessage, milliseconds: int) -> None:
        """The broker holds a message back."""
        found = self._kept[message.broker_id]
        found.visible_at, found.attempts = self._clock.now() + milliseconds, found.attempts - 1

    def is_ready(self, queue: str) -> bool:
        """Whether a queue has a message that can be had now."""
        return bool(self._visible(queue))

    def fail(self, message: QueueMessage, error: str) -> None:
        """It comes back after a while, or is a dead letter."""
        found = self._kept.get(message.broker_id)
        if found is None or found.dead or found.attempts != message.attempts:
            return
        found.last_error, found.dead = error, found.attempts >= MAX_FAILURES
        found.visible_at = self._clock.now() + BACKOFF_MS[min(found.attempts, len(BACKOFF_MS)) - 1]

    def duplicate(self, message: QueueMessage) -> None:
        """The broker hands the same message out once more (Q1)."""
        text = json.dumps(message.body)
        self._add(message.queue, message.group, text, self._clock.now())

    def dead_letters(self, queue: str, *, limit: int = 100) -> Sequence[QueueMessage]:
        return [_message(each) for each in self._kept.values() if each.queue == queue and each.dead][:limit]

    def redrive(self, queue: str, *, limit: int = 100) -> int:
        dead = [each for each in self._kept.values() if each.queue == queue and each.dead][:limit]
        for each in dead:
            del self._kept[each.broker_id]
            self._add(queue, each.group, each.text, self._clock.now())
        return len(dead)

    def waiting(self, queue: str) -> int:
        """How many messages of a queue are not dead."""
        return sum(each.queue == queue and not each.dead for each in self._kept.values())

    def take_fresh(self) -> dict[tuple[str, int], int]:
        """(queue, when visible) of what was sent since somebody last asked -> how many."""
        fresh = dict(self._fresh)
        self._fresh.clear()
        return fresh

    def texts(self) -> list[str]:
        """Every body that waits or is dead, as text."""
        return [each.text for each in self._kept.values()]

    def next_visible(self) -> int | None:
        """When the next message can be had, None where none waits."""
        return min((each.visible_at for each in self._kept.values() if not each.dead), default=None)

    def _visible(self, queue: str) -> list[Waiting]:
        now = self._clock.now()
        return [
            each for each in self._kept.values() if each.queue == queue and not each.dead and each.visible_at <= now
        ]

    def _add(self, queue: str, group: str, text: str, visible_at: int) -> None:
        self._count += 1
        self._fresh[queue, visible_at] += 1
        self._kept[f"q{self._count}"] = Waiting(f"q{self._count}", queue, group, text, visible_at)


def _message(found: Waiting) -> QueueMessage:
    body = json.loads(found.text)
    return QueueMessage(found.broker_id, found.queue, body, found.group, found.attempts, found.last_error)
