"""What an operator's answer writes: their words, the facts that it tells, the escalation that it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.conversations.handoff import close_handoff
from shared.conversations.inbox import read_messages
from shared.conversations.keys import digest
from shared.domain.conversation import Head
from shared.domain.events import CONVERSATION_HANDED_BACK, OPERATOR_REPLIED
from shared.ports.records import Event, Put, Records
from shared.ports.workflows import Workflows

if TYPE_CHECKING:  # a function without the vault ships and loads no cryptography
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

    @property
    def row(self) -> str:
        return f"OUT|{digest(self.conversation, self.own_id)}"


def write_words(records: Records, vault: Vault, task: Answering, head: Head, now: int) -> tuple[Put, ...]:
    """The row that keeps the operator's words, sealed for whoever wrote last; none where there are no words."""
    if not task.text:
        return ()
    last = read_messages(records, task.tenant, task.conversation, (*head.answered, *head.arrived)[-1:])
    sealed = vault.seal(task.tenant, last[0].subject_key, {"reply": task.text})
    return (Put(task.row, {"sealed": sealed, "by": task.operator, "at": now, "subject": last[0].subject_key}),)


def tell_answer(task: Answering, moved: Head, now: int) -> tuple[Event, ...]:
    """The facts of an answer: that it was given, that the conversation is the AI's again."""
    where = {"tenant": task.tenant, "conversation": task.conversation, "at": now, "operator": task.operator}
    where |= {"ticket": moved.ticket, "status": moved.status, "customer": moved.customer, "channel": moved.channel}
    name = digest(task.conversation, task.own_id)
    replied = Event(f"{name}-replied", OPERATOR_REPLIED, where | {"turn": task.row})
    back = Event(f"{name}-back", CONVERSATION_HANDED_BACK, where)
    return (*((replied,) if task.text or task.resolve else ()), *((back,) if task.back else ()))


def end_escalation(records: Records, workflows: Workflows, task: Answering, escalation: int) -> None:
    """Record the decision, then wake the machine that waits for it."""
    decision = "handed_back" if task.back else "answered"
    closed = close_handoff(records, task.tenant, task.conversation, escalation, decision, task.operator)
    if closed.body.get("token"):
        workflows.send_task_success(closed.body["token"], {"decision": decision})
