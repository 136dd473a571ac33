"""`conversations/{id}/…`: ask for a person, say that it is solved, rate the help."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api.bodies import Asking, Score
from functions.api.caller import Caller, FromCaller
from functions.api.conversations import WRITE
from functions.api.thread import read_thread
from shared.errors import WrongState


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
