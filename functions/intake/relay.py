"""Tell what was committed: stored events go to the queue, to the workflows and to their subscribers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.conversations.views import project_conversation
from shared.domain.events import ESCALATION_OPENED, MESSAGE_RECEIVED
from shared.errors import InvalidInput
from shared.ports.events import Events
from shared.ports.queue import Queue
from shared.ports.records import Body, Event, Records
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
    body = _take(event, {"tenant": str, "conversation": str, "message": str})
    _take(event, {"at": int})
    project_conversation(records, event.name, event.body)
    queue.send("turns", body, group=body["tenant"])


def _start_escalation(event: Event, records: Records, queue: Queue, workflows: Workflows) -> None:
    payload = _take(event, {"tenant": str, "conversation": str, "escalation": int})
    workflows.start("escalation", f"{payload['conversation']}-{payload['escalation']}", payload)


def _take(event: Event, fields: Mapping[str, type]) -> Body:
    """The fields of an event's body; raises InvalidInput for one that is missing or of another type."""
    for name, kind in fields.items():
        if not isinstance(event.body.get(name), kind):
            action = "look at what stored this event"
            raise InvalidInput(f"{event.name} has no such {name}", field=name, limit=kind.__name__, action=action)
    return {name: event.body[name] for name in fields}


ROUTES: dict[str, Callable[[Event, Records, Queue, Workflows], None]] = {
    MESSAGE_RECEIVED: _look_at_conversation,
    ESCALATION_OPENED: _start_escalation,
}
