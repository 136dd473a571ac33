"""HTTP as this machine has it, in the form in which API Gateway's HTTP API (version 2) tells it, and back."""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Event = dict[str, Any]


def to_event(request: Request, body: bytes, request_id: str) -> Event:
    """The event of a request; a body that is no UTF-8 travels as base64."""
    text, encoded = _read_text(body)
    path = request.url.path
    http = {
        "method": request.method,
        "path": path,
        "protocol": "HTTP/1.1",
        "sourceIp": request.client.host if request.client else "",
        "userAgent": request.headers.get("user-agent", ""),
    }
    return make_event(http, dict(request.headers), request_id, text, encoded) | {
        "rawQueryString": request.url.query,
        "queryStringParameters": dict(request.query_params),
    }


def make_event(
    http: dict[str, str], headers: dict[str, str], request_id: str, body: str | None = None, encoded: bool = False
) -> Event:
    """An event from its parts; `http` names at least method and path."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": http["path"],
        "rawQueryString": "",
        "queryStringParameters": {},
        "headers": headers,
        "requestContext": {"http": http, "requestId": request_id, "stage": "$default"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def to_response(answer: Event) -> Response:
    body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"]
    return Response(body, status_code=answer["statusCode"], headers=answer["headers"])


def _read_text(body: bytes) -> tuple[str | None, bool]:
    try:
        return (body.decode(), False) if body else (None, False)
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
