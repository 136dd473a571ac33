"""An operator who owns a conversation replies, solves it, or hands it back to the AI."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.conversations.answering import Answering, end_escalation, tell_answer, write_words
from shared.conversations.head import need_head, write_head
from shared.conversations.keys import conversation_partition
from shared.domain.conversation import Head, hand_back
from shared.domain.ticket import move_ticket
from shared.effects.holds import clear_hold
from shared.errors import WrongState
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.workflows import Workflows
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Answered:
    owner: str
    status: str


def handle(task: Answering, *, records: Records, vault: Vault, workflows: Workflows, clock: Clock) -> Answered:
    """Commit the operator's words and the head in one write; raises WrongState for whoever does not own it."""
    head, version = need_head(records, task.tenant, task.conversation)
    if records.get(conversation_partition(task.tenant, task.conversation), task.row) is not None:
        return Answered(head.owner, head.status)  # a repeat of a request that was carried out
    if head.owner != f"operator:{task.operator}":
        raise WrongState("this conversation is not yours", field="owner", limit=head.owner, action="take it first")
    moved = replace(head, status=move_ticket(head.status, _status(task, head)))
    moved = hand_back(moved, task.operator) if task.back else moved
    words, told = write_words(records, vault, task, head, clock.now()), tell_answer(task, moved, clock.now())
    write_head(records, task.tenant, task.conversation, moved, version, events=told, also=words)
    if task.back:
        clear_hold(records, task.tenant, task.conversation)
    if head.escalation and (task.back or task.resolve):
        end_escalation(records, workflows, task, head.escalation)
    return Answered(moved.owner, moved.status)


def _status(task: Answering, head: Head) -> str:
    """What the ticket becomes: solved, the AI's again, or waiting for the customer's answer."""
    if task.resolve:
        return "resolved"
    return "open" if task.back else "pending_customer" if task.text else head.status
