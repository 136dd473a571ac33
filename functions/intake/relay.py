"""Tell what was committed: stored events go to the queue, to the workflows and to their subscribers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.conversations.views import project_conversation
from shared.domain.events import ESCALATION_OPENED, MESSAGE_RECEIVED
from shared.ports.events import Events
from shared.ports.queue import Queue
from shared.ports.records import Event, Records
from shared.ports.workflows import Workflows


@dataclass(frozen=True, slots=True)
class RelayInput:
    """Stored events, in the order in which they were stored."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Relayed:
    events: int


def handle(task: RelayInput, *, records: Records, queue: Queue, events: Events, workflows: Workflows) -> Relayed:
    """Tell every event; whoever called tells all of them again after a failure, which changes nothing (F7, F8)."""
    facts = []
    for event in task.events:
        route = ROUTES.get(event.name)
        if route is None:
            facts.append(event)
        else:
            route(event, records, queue, workflows)
    if facts:
        events.publish(facts)
    return Relayed(len(task.events))


def _look_at_conversation(event: Event, records: Records, queue: Queue, workflows: Workflows) -> None:
    """The queue message only says where to look; the message is in the records, and when to look for its answer too."""
    project_conversation(records, event.name, event.body)
    body = {name: event.body[name] for name in ("tenant", "conversation", "message")}
    queue.send("turns", body, group=event.body["tenant"])


def _start_escalation(event: Event, records: Records, queue: Queue, workflows: Workflows) -> None:
    payload = {name: event.body[name] for name in ("tenant", "conversation", "escalation")}
    workflows.start("escalation", f"{event.body['conversation']}-{event.body['escalation']}", payload)


ROUTES: dict[str, Callable[[Event, Records, Queue, Workflows], None]] = {
    MESSAGE_RECEIVED: _look_at_conversation,
    ESCALATION_OPENED: _start_escalation,
}
