"""An operator who owns a conversation replies, solves it, or hands it back to the AI."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.conversations.handoff import close_handoff
from shared.conversations.head import need_head, write_head
from shared.conversations.inbox import read_messages
from shared.conversations.keys import digest
from shared.domain.conversation import Head, hand_back
from shared.domain.events import CONVERSATION_HANDED_BACK, OPERATOR_REPLIED
from shared.domain.ticket import move_ticket
from shared.effects.holds import clear_hold
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Event, Put, Records
from shared.ports.workflows import Workflows
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Answering:
    """What the operator does: `text` to say (may be empty), `resolve` the ticket, `back` to the AI.

    `own_id` names the request, so that its repeat says nothing twice.
    """

    tenant: str
    conversation: str
    operator: str
    own_id: str
    text: str = ""
    resolve: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    owner: str
    status: str


def handle(task: Answering, *, records: Records, vault: Vault, workflows: Workflows, clock: Clock) -> Answered:
    """Commit the operator's words and the head in one write; raises WrongState for whoever does not own it."""
    head, version = need_head(records, task.tenant, task.conversation)
    if head.owner != f"operator:{task.operator}":
        raise WrongState("this conversation is not yours", field="owner", limit=head.owner, action="take it first")
    moved = replace(head, status=move_ticket(head.status, _status(task, head)))
    moved = hand_back(moved, task.operator) if task.back else moved
    row = f"OUT|{digest(task.conversation, task.own_id)}"
    words = (_write_words(records, vault, task, head, row, clock.now()),) if task.text else ()
    write_head(
        records, task.tenant, task.conversation, moved, version, events=_events(task, moved, row, clock), also=words
    )
    if task.back:
        clear_hold(records, task.tenant, task.conversation)
    if head.escalation and (task.back or task.resolve):
        _end_escalation(records, workflows, task, head)
    return Answered(moved.owner, moved.status)


def _status(task: Answering, head: Head) -> str:
    if task.resolve:
        return "resolved"
    return "open" if task.back else "pending_customer" if task.text else head.status


def _write_words(records: Records, vault: Vault, task: Answering, head: Head, row: str, now: int) -> Put:
    last = read_messages(records, task.tenant, task.conversation, (*head.answered, *head.arrived)[-1:])
    sealed = vault.seal(task.tenant, last[0].subject_key, {"reply": task.text})
    return Put(row, {"sealed": sealed, "by": task.operator, "at": now, "subject": last[0].subject_key})


def _events(task: Answering, moved: Head, row: str, clock: Clock) -> tuple[Event, ...]:
    where = {"tenant": task.tenant, "conversation": task.conversation, "at": clock.now(), "operator": task.operator}
    where |= {"ticket": moved.ticket, "status": moved.status, "customer": moved.customer, "channel": moved.channel}
    name = digest(task.conversation, task.own_id)
    replied = Event(f"{name}-replied", OPERATOR_REPLIED, where | {"turn": row})
    back = Event(f"{name}-back", CONVERSATION_HANDED_BACK, where)
    return (*((replied,) if task.text or task.resolve else ()), *((back,) if task.back else ()))


def _end_escalation(records: Records, workflows: Workflows, task: Answering, head: Head) -> None:
    decision = "handed_back" if task.back else "answered"
    closed = close_handoff(records, task.tenant, task.conversation, head.escalation, decision, task.operator)
    if closed.body.get("token"):
        workflows.send_task_success(closed.body["token"], {"decision": decision})
