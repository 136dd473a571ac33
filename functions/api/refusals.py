"""Every refusal as the one error body that all routes share (requirements row 15)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from shared import errors
from shared.access.webhooks import BodyTooLarge

STATUS: dict[type[Exception], int] = {
    errors.InvalidInput: 422,
    BodyTooLarge: 413,
    errors.NotAuthenticated: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.WrongState: 409,
    errors.Refused: 422,
    errors.TooLarge: 413,
    errors.Throttled: 429,
    errors.Unsupported: 501,
    errors.PortError: 503,
    errors.Retry: 503,
}
# What a validation error's type means as a limit; filled with the error's own context.
LIMITS = {
    "missing": "required",
    "string_type": "text",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "{pattern}",
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_long": "at most {max_length} items",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_attributes_type": "a JSON object",
}


class UnsupportedMedia(errors.Refused):
    """The body is of a kind that the route does not read."""

    code = "unsupported_media"


class Invalid(errors.Refused):
    """Fields of the body break their limits; the details name each."""

    code = "invalid_input"

    def __init__(self) -> None:
        super().__init__("fields break their limits")


def status_of(error: Exception) -> int:
    """The HTTP status that an error means; 500 for one that nobody meant."""
    if isinstance(error, UnsupportedMedia):
        return 415
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def refuse(
    error: Exception, path: str, request_id: str, now: int, details: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The response of an error as API Gateway takes it; what nobody meant says nothing about its inside."""
    status = status_of(error)
    headers = {"Content-Type": "application/json"}
    if isinstance(error, errors.Throttled):
        headers["Retry-After"] = str(max(1, round(error.after)))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return response(status, error_body(status, path, request_id, now, details or describe(error)), headers)


def describe(error: Exception) -> list[dict[str, Any]]:
    """What to correct: field, limit and advice."""
    if isinstance(error, errors.Refused):
        advice = f"{error.message}: {error.action}" if error.action else error.message
        return [{"field": error.field, "limit": error.limit, "message": advice}]
    if isinstance(error, errors.TooLarge):
        return [{"field": "body", "limit": None, "message": str(error)}]
    return []


def describe_fields(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same from a validation's errors; the caller's own values are not repeated."""
    return [
        {
            "field": ".".join(str(part) for part in each["loc"] if part != "body") or "body",
            "limit": _limit(each),
            "message": str(each["msg"]),
        }
        for each in found
    ]


def error_body(status: int, path: str, request_id: str, now: int, details: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "error": HTTPStatus(status).phrase,
        "status_code": status,
        "timestamp": as_time(now),
        "path": path,
        "request_id": request_id,
        "details": details,
    }


def response(status: int, body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    """A response of API Gateway's HTTP API, version 2."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    return {"statusCode": status, "headers": dict(headers), "body": text, "isBase64Encoded": False, "cookies": []}


def as_time(at: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _limit(found: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = found.get("ctx") or {}
    try:
        return LIMITS[found["type"]].format(**context)
    except KeyError:
        return str(found["type"]).replace("_", " ")
