"""Responses as API Gateway's HTTP API (version 2) takes them, and the headers that each carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "1; mode=block",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_response(status: int, body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    """A response; what is no text yet becomes JSON."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    return {"statusCode": status, "headers": dict(headers), "body": text, "isBase64Encoded": False, "cookies": []}


def make_error(status: int, path: str, request_id: str, now: int, details: list[dict[str, Any]]) -> dict[str, Any]:
    """The one error body that all routes share (requirements row 15)."""
    return {
        "error": HTTPStatus(status).phrase,
        "status_code": status,
        "timestamp": as_time(now),
        "path": path,
        "request_id": request_id,
        "details": details,
    }


def as_time(at: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
