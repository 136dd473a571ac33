"""The customer's side says that it is solved: the ticket is resolved, and nobody is asked any more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.conversations.handoff import close_handoff, read_handoff
from shared.conversations.head import need_head, write_head
from shared.domain.conversation import Head, owner_kind
from shared.domain.events import CONVERSATION_RESOLVED
from shared.domain.ticket import move_ticket
from shared.errors import Conflict, Retry, WrongState
from shared.ports.clock import Clock
from shared.ports.records import Event, Records
from shared.ports.workflows import Workflows

TRIES = 5


@dataclass(frozen=True, slots=True)
class Resolving:
    tenant: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Resolved:
    owner: str
    status: str


def handle(task: Resolving, *, records: Records, workflows: Workflows, clock: Clock) -> Resolved:
    """Set the status; raises WrongState while a turn runs (its answer would undo it) and for a closed ticket."""
    for _ in range(TRIES):
        try:
            return _resolve(task, records, workflows, clock.now())
        except Conflict:
            continue
    raise Retry("the head kept moving")


def _resolve(task: Resolving, records: Records, workflows: Workflows, now: int) -> Resolved:
    head, version = need_head(records, task.tenant, task.conversation)
    if head.execution:
        raise WrongState("an answer is on its way", field="status", limit=head.status, action="try again after it")
    status = move_ticket(head.status, "resolved")
    owner = "ai" if owner_kind(head.owner) == "nobody" else head.owner
    if (status, owner) != (head.status, head.owner):
        moved = replace(head, status=status, owner=owner)
        told = _event(task, moved, now, f"{task.conversation}-resolved-{version}")
        write_head(records, task.tenant, task.conversation, moved, version, events=(told,))
    _end_escalation(records, workflows, task, head)
    return Resolved(owner, status)


def _event(task: Resolving, head: Head, now: int, name: str) -> Event:
    where = {"tenant": task.tenant, "conversation": task.conversation, "at": now, "n": head.n, "owner": head.owner}
    facts = {"ticket": head.ticket, "status": head.status, "customer": head.customer, "channel": head.channel}
    return Event(name, CONVERSATION_RESOLVED, where | facts)


def _end_escalation(records: Records, workflows: Workflows, task: Resolving, head: Head) -> None:
    """Wake the waiting machine, so that it climbs no further; safe to repeat."""
    if not head.escalation or read_handoff(records, task.tenant, task.conversation, head.escalation).closed:
        return
    closed = close_handoff(records, task.tenant, task.conversation, head.escalation, "answered", head.owner)
    if closed.body.get("token"):
        workflows.send_task_success(closed.body["token"], {"decision": "answered"})
