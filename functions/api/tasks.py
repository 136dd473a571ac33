"""`tasks`: what became of a message; a task's id is `conversation.message`."""

from __future__ import annotations

from typing import Any

from functions.api.backend import Backend
from functions.api.caller import FromCaller
from functions.api.replies import tell_reply
from functions.api.thread import NAME, read_thread
from shared.conversations.inbox import message_from_body
from shared.conversations.keys import conversation_partition, message_row
from shared.errors import NotFound
from shared.ports.records import Body

# A message that was set aside on arrival (an auto-reply) has no turn, and none will come.
SET_ASIDE: Body = {
    "outcome": "ignored", "sealed": "", "intents": [], "citations": [], "actions": [],
    "category": "general", "priority": "P4", "sentiment": "neutral",
}  # fmt: skip


def read(task_id: str, caller: FromCaller) -> dict[str, Any]:
    """`pending`, `done` or `parked` (an operator sees it), and the reply once there is one."""
    return read_task(caller.need("conversations:read"), caller.tenant, task_id)


def read_task(backend: Backend, tenant: str, task: str) -> dict[str, Any]:
    """The same for a caller whose right is known; raises NotFound."""
    conversation, _, message = task.partition(".")
    named = NAME.fullmatch(conversation) and NAME.fullmatch(message)
    row = backend.records.get(conversation_partition(tenant, conversation), message_row(message)) if named else None
    if row is None:
        raise NotFound("no such task", field="task_id", limit="one of yours", action="check the id")
    thread, found = read_thread(backend.records, tenant, conversation), message_from_body(row.body)
    turn = SET_ASIDE | {"at": found.at} if row.body["ignored"] else thread.answer_to(message)
    told: dict[str, Any] = {"task_id": task, "conversation_id": conversation, "status": "pending", "result": None}
    if turn is None:
        return told
    status = "parked" if turn["outcome"] == "parked" else "done"
    return told | {"status": status, "result": tell_reply(backend, tenant, thread, found, turn)}
