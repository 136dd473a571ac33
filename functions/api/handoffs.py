"""`handoffs/{conversation}/…`: an operator takes a conversation, replies, hands it back."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from functions.api.backend import Backend
from functions.api.caller import Caller, FromCaller
from functions.api.desk_queue import PERMISSION
from functions.api.thread import read_thread

# Whoever signed in need not say who they are; a program's key names the operator for whom it asks.
Operator = Annotated[str, Field(max_length=100)]


class Taking(BaseModel):
    """Who takes the conversation, or hands it back."""

    operator: Operator = ""


class Replying(BaseModel):
    """What the operator says, and whether that solves it."""

    operator: Operator = ""
    message: str = Field(min_length=1, max_length=5000)
    resolve: bool = False


def take(conversation_id: str, body: Annotated[Taking, Body()], caller: FromCaller) -> dict[str, Any]:
    """Make the operator the conversation's only voice; the AI is silent and its effects are held."""
    backend = _need_thread(caller, conversation_id)
    task = _where(caller, conversation_id) | {"operator": caller.operator(body.operator)}
    taken = backend.call("escalation.take", task)
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
    task = _where(caller, conversation) | {"operator": caller.operator(operator), "own_id": own_id} | does
    answered = backend.call("escalation.answer", task)
    return {"conversation_id": conversation, "owner": answered["owner"], "status": answered["status"]}


def _need_thread(caller: Caller, conversation: str) -> Backend:
    backend = caller.need(PERMISSION)
    read_thread(backend.records, caller.tenant, conversation)
    return backend


def _where(caller: Caller, conversation: str) -> dict[str, Any]:
    return {"tenant": caller.tenant, "conversation": conversation}
