"""`conversations`: begin one, write on, read it, ask for a person, close it, rate it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from functions.api.caller import Backend, Caller, FromCaller
from functions.api.receiving import Incoming, receive
from functions.api.refusals import as_time
from functions.api.transcript import Thread, read_thread, tell_messages
from shared.errors import WrongState

Name = Annotated[str, Field(pattern="^[a-zA-Z0-9_-]+$", min_length=1, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=5000)]
Priority = Literal["low", "medium", "high", "critical", "urgent", "P1", "P2", "P3", "P4"]
Channel = Literal["web", "chat", "email", "phone", "social", "mobile", "api"]
READ, WRITE = "conversations:read", "conversations:write"


class Beginning(BaseModel):
    """A customer's first message; `web` is chat."""

    customer_id: Name
    channel: Channel = "api"
    initial_message: Text
    priority: Priority | None = None


class Writing(BaseModel):
    """A customer's next message; attachments are names or links, files come through `channels/email`."""

    message: Text
    attachments: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=list, max_length=10)


class Asking(BaseModel):
    """Why a person should take over."""

    reason: str = Field(default="", max_length=500)


class Score(BaseModel):
    """How good the help was."""

    score: int = Field(ge=1, le=5, strict=True)
    comment: str = Field(default="", max_length=5000)


def begin(body: Annotated[Beginning, Body()], caller: FromCaller) -> dict[str, Any]:
    """Take a message in and answer 202 with its task; with `Prefer: wait=N` (at most 25 s) its reply, 200."""
    backend = caller.need(WRITE)
    asked = {"priority": body.priority} if body.priority else {}
    incoming = Incoming(body.channel, body.customer_id, body.initial_message, "initial_message", asked=asked)
    return receive(backend, caller, incoming)


def write(conversation_id: str, body: Annotated[Writing, Body()], caller: FromCaller) -> dict[str, Any]:
    """Take the next message of a conversation in; answers as beginning one does."""
    backend = caller.need(WRITE)
    first = read_thread(backend.records, caller.tenant, conversation_id).first
    asked = {"attachments": body.attachments} if body.attachments else {}
    incoming = Incoming(first.channel, first.customer, body.message, "message", conversation_id, asked)
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
        "metadata": _metadata(backend, thread, len(messages)),
    }


def read_status(conversation_id: str, caller: FromCaller) -> dict[str, Any]:
    """Where the conversation stands and who may speak: ai, operator:<id> or nobody."""
    backend = caller.need(READ)
    thread = read_thread(backend.records, caller.tenant, conversation_id)
    stands = _metadata(backend, thread, len(thread.messages))
    kept = ("status", "owner", "ticket_id", "category", "priority", "escalated", "outcome", "updated_at")
    waiting = thread.head is None or bool(thread.head.arrived)
    return {"conversation_id": thread.id, "answering": waiting} | {key: stands[key] for key in kept}


def escalate(conversation_id: str, caller: FromCaller, body: Annotated[Asking | None, Body()] = None) -> dict[str, Any]:
    """Hand the conversation to the operators; asking again changes nothing."""
    return _change(caller, conversation_id, "escalation.request", {"why": body.reason if body else ""})


def resolve(conversation_id: str, caller: FromCaller) -> dict[str, Any]:
    """Say that it is solved; writing again reopens it."""
    return _change(caller, conversation_id, "reply.resolve", {})


def rate(conversation_id: str, body: Annotated[Score, Body()], caller: FromCaller) -> dict[str, Any]:
    """Rate the help from 1 to 5; the last rating counts."""
    return _change(caller, conversation_id, "reply.rate", {"score": body.score, "comment": body.comment})


def _change(caller: Caller, conversation: str, handler: str, values: dict[str, Any]) -> dict[str, Any]:
    backend = caller.need(WRITE)
    if read_thread(backend.records, caller.tenant, conversation).head is None:
        raise WrongState("nobody has read it yet", field="conversation_id", limit="a turn", action="try again shortly")
    changed: dict[str, Any] = backend.call(handler, {"tenant": caller.tenant, "conversation": conversation} | values)
    return {"conversation_id": conversation} | changed


def _metadata(backend: Backend, thread: Thread, messages: int) -> dict[str, Any]:
    head, last = thread.head, thread.turns[0] if thread.turns else {}
    created = thread.first.at
    updated = max([each.at for each in thread.messages] + [turn["at"] for turn in thread.turns[:1]])
    updated = max([updated, *(words["at"] for words in thread.words)])
    owner = head.owner if head else "ai"
    return {
        "status": head.status if head else "new",
        "owner": owner,
        "ticket_id": head.ticket if head else "",
        "category": last.get("category"),
        "priority": last.get("priority"),
        "outcome": last.get("outcome"),
        "escalated": owner != "ai" or (head is not None and head.status in ("escalated", "pending_approval")),
        "message_count": messages,
        "duration_minutes": round((updated - created) / 60_000, 1),
        "created_at": as_time(created),
        "updated_at": as_time(updated),
    }
