"""Messages that say "look there"; the truth is in `records`.

Q1 At least once, also after the acknowledgement. Q2 No order and no exclusivity. Q3 A body is ≤ 64 KB of JSON.
Q4 One message a handler call, which takes ≤ 5 minutes. Q5 A failure redelivers after an unspecified delay.
Q6 After N ≥ 5 failures the message is a dead letter, its body intact. Q7 A redrive gives it a new broker id.
Q8 Nothing is deduplicated. Q9 A message waits at least 7 days.

Consuming is the provider's own business (each cloud calls the entry by itself), so the port only sends and inspects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message as a consumer or an operator sees it; `broker_id` identifies the delivery, not the content."""

    broker_id: str
    queue: str
    body: dict[str, Any]
    group: str
    attempts: int = 0
    last_error: str = ""


class Queue(Protocol):
    """A work queue; promises Q1 to Q9 above."""

    def send(self, queue: str, body: dict[str, Any], *, group: str, delay_seconds: int = 0) -> None:
        """Enqueue `body`; `group` is the tenant, so that one tenant's flood does not starve the others."""
        ...

    def dead_letters(self, queue: str, *, limit: int = 100) -> Sequence[QueueMessage]:
        """Messages that failed N times, oldest first, bodies intact (Q6)."""
        ...

    def redrive(self, queue: str, *, limit: int = 100) -> int:
        """Send dead letters back to work under new broker ids (Q7); how many were sent."""
        ...
