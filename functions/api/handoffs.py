"""`handoffs`: the desk's queue with its packets; take a conversation, reply, hand it back."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from functions.api.caller import Backend, Caller, FromCaller
from functions.api.refusals import as_time
from functions.api.transcript import read_thread
from shared.conversations.handoff import read_handoff
from shared.conversations.head import read_head
from shared.conversations.views import FINISHED, desk_partitions
from shared.domain.conversation import Head
from shared.domain.ticket import PRIORITIES
from shared.errors import NotFound
from shared.ports.records import Body as RowBody

PERMISSION = "handoffs:work"
Operator = Annotated[str, Field(min_length=1, max_length=100)]


class Taking(BaseModel):
    """Who takes the conversation."""

    operator: Operator


class Replying(BaseModel):
    """What the operator says, and whether that solves it."""

    operator: Operator
    message: str = Field(min_length=1, max_length=5000)
    resolve: bool = False


def list_handoffs(caller: FromCaller) -> dict[str, Any]:
    """Every conversation that waits for or is with a person, the most urgent and then the oldest in front."""
    backend = caller.need(PERMISSION)
    rows = [row.body for part in desk_partitions(caller.tenant) for row in backend.records.query(part, prefix="OPEN|")]
    found = [_tell(backend, caller.tenant, row["conversation"]) for row in rows]
    queue = [each for each in found if each is not None]
    return {"handoffs": sorted(queue, key=lambda each: (PRIORITIES.index(each["priority"]), each["opened_at"]))}


def take(conversation_id: str, body: Annotated[Taking, Body()], caller: FromCaller) -> dict[str, Any]:
    """Make the operator the conversation's only voice; the AI is silent and its effects are held."""
    backend = _need_thread(caller, conversation_id)
    taken = backend.call("escalation.take", _where(caller, conversation_id) | {"operator": body.operator})
    return {"conversation_id": conversation_id, "owner": taken["owner"]}


def reply(conversation_id: str, body: Annotated[Replying, Body()], caller: FromCaller) -> dict[str, Any]:
    """Say something to the customer as the operator who owns the conversation."""
    return _answer(caller, conversation_id, body.operator, text=body.message, resolve=body.resolve)


def hand_back(conversation_id: str, body: Annotated[Taking, Body()], caller: FromCaller) -> dict[str, Any]:
    """Give the conversation back to the AI."""
    return _answer(caller, conversation_id, body.operator, back=True)


def _answer(caller: Caller, conversation: str, operator: str, **does: Any) -> dict[str, Any]:
    backend = _need_thread(caller, conversation)
    own_id = caller.idempotency_key or backend.ids.new("desk")
    task = _where(caller, conversation) | {"operator": operator, "own_id": own_id} | does
    answered = backend.call("escalation.answer", task)
    return {"conversation_id": conversation, "owner": answered["owner"], "status": answered["status"]}


def _need_thread(caller: Caller, conversation: str) -> Backend:
    backend = caller.need(PERMISSION)
    read_thread(backend.records, caller.tenant, conversation)
    return backend


def _where(caller: Caller, conversation: str) -> dict[str, Any]:
    return {"tenant": caller.tenant, "conversation": conversation}


def _tell(backend: Backend, tenant: str, conversation: str) -> dict[str, Any] | None:
    """One line of the queue; nothing for a conversation that no person has to look at."""
    head, _ = read_head(backend.records, tenant, conversation)
    if head is None or head.status in FINISHED or not head.escalation:
        return None
    try:
        body = read_handoff(backend.records, tenant, conversation, head.escalation).body
    except NotFound:
        return None
    return (
        None if body["state"] == "closed" and head.owner == "ai" else _line(backend, tenant, conversation, head, body)
    )


def _line(backend: Backend, tenant: str, conversation: str, head: Head, body: RowBody) -> dict[str, Any]:
    packet = backend.vault.open(tenant, body["subject"], body["sealed"]) if body["sealed"] else {}
    return {
        "conversation_id": conversation,
        "customer_id": head.customer,
        "channel": head.channel,
        "status": head.status,
        "owner": head.owner,
        "kind": body["kind"],
        "reason": body["reason"],
        "priority": body["priority"],
        "operator": body.get("operator", ""),
        "level": body.get("level", ""),
        "effects": body["effects"],
        "opened_at": as_time(body["opened"]),
        "packet": packet,
    }
