"""Every error as a status and a body that says what to correct."""

from __future__ import annotations

from typing import Any

from functions.api.responses import make_error, make_response
from shared import errors
from shared.access.homes import NotAtHome
from shared.access.webhooks import BodyTooLarge

STATUS: dict[type[Exception], int] = {
    errors.InvalidInput: 422,
    BodyTooLarge: 413,
    errors.NotAuthenticated: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.WrongState: 409,
    NotAtHome: 421,
    errors.Refused: 422,
    errors.TooLarge: 413,
    errors.Throttled: 429,
    errors.Unsupported: 501,
    errors.PortError: 503,
    errors.Retry: 503,
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
    """The response of an error; one that nobody meant says nothing about its inside."""
    status = status_of(error)
    headers = {"Content-Type": "application/json"}
    if isinstance(error, errors.Throttled):
        headers["Retry-After"] = str(max(1, round(error.after)))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return make_response(status, make_error(status, path, request_id, now, details or _describe(error)), headers)


def _describe(error: Exception) -> list[dict[str, Any]]:
    if isinstance(error, errors.Refused):
        advice = f"{error.message}: {error.action}" if error.action else error.message
        return [{"field": error.field, "limit": error.limit, "message": advice}]
    if isinstance(error, errors.TooLarge):
        return [{"field": "body", "limit": None, "message": str(error)}]
    return []
