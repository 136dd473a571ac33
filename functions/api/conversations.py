"""`conversations`: begin one, write on, read it."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api.bodies import Beginning, Writing
from functions.api.caller import FromCaller
from functions.api.receiving import Incoming, receive
from functions.api.thread import read_thread
from functions.api.transcript import tell_messages, tell_standing

READ, WRITE = "conversations:read", "conversations:write"
STANDING = ("status", "owner", "ticket_id", "category", "priority", "escalated", "outcome", "updated_at")


def begin(body: Annotated[Beginning, Body()], caller: FromCaller) -> dict[str, Any]:
    """Take a message in and answer 202 with its task; with `Prefer: wait=N` (at most 25 s) its reply, 200."""
    backend = caller.need(WRITE)
    words = (body.channel, body.customer_id, body.initial_message, "initial_message")
    incoming = Incoming(*words, priority=body.priority or "")
    return receive(backend, caller, incoming)


def write(conversation_id: str, body: Annotated[Writing, Body()], caller: FromCaller) -> dict[str, Any]:
    """Take the next message of a conversation in; answers as beginning one does."""
    backend = caller.need(WRITE)
    first = read_thread(backend.records, caller.tenant, conversation_id).first
    asked = {"attachments": body.attachments} if body.attachments else {}
    incoming = Incoming(first.channel, first.customer, body.message, "message", conversation_id, asked=asked)
    return receive(backend, caller, incoming)


def read(conversation_id: str, caller: FromCaller) -> dict[str, Any]:
    """Every message in order with who said it, and what the conversation has come to."""
    backend = caller.need(READ)
    thread = read_thread(backend.records, caller.tenant, conversation_id)
    messages = tell_messages(thread, backend.vault, caller.tenant)
    return {
        "conversation_id": thread.id,
        "customer_id": thread.first.customer,
        "channel": thread.first.channel,
        "messages": messages,
        "metadata": tell_standing(thread) | {"message_count": len(messages)},
    }


def read_status(conversation_id: str, caller: FromCaller) -> dict[str, Any]:
    """Where the conversation stands and who may speak: ai, operator:<id> or nobody."""
    backend = caller.need(READ)
    thread = read_thread(backend.records, caller.tenant, conversation_id)
    stands = tell_standing(thread)
    waiting = thread.head is None or bool(thread.head.arrived)
    return {"conversation_id": thread.id, "answering": waiting} | {key: stands[key] for key in STANDING}
