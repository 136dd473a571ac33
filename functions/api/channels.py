"""`channels`: raw mails and the webhooks of other systems, handed to intake as they came."""

from __future__ import annotations

import base64
from typing import Any

from aws_lambda_powertools.event_handler import Request

from functions.api.backend import Backend
from functions.api.caller import FromCaller


def receive_email(request: Request, caller: FromCaller) -> dict[str, Any]:
    """Take one raw mail in (message/rfc822)."""
    backend = caller.need("channels:write")
    answer = backend.call("intake.email", {"tenant": caller.tenant, "raw": _raw(request)})
    return dict(answer)


def receive_webhook(source: str, request: Request) -> dict[str, Any]:
    """Take one webhook in; its sender's signature is its credential."""
    backend: Backend = request.context["backend"]
    headers = {name.lower(): value for name, value in request.headers.items()}
    event = request.resolved_event
    task: dict[str, Any] = {"tenant": backend.tenant, "source": source, "headers": headers}
    task |= {"body": request.body or "", "encoded": event.is_base64_encoded}
    return dict(backend.call("intake.webhook", task))


def _raw(request: Request) -> str:
    """The body's bytes as base64, whatever they are."""
    event = request.resolved_event
    body = request.body or ""
    return body if event.is_base64_encoded else base64.b64encode(body.encode("utf-8", "surrogatepass")).decode()
