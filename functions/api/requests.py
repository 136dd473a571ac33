"""What is checked of a request before a route is looked for: the body's size and kind."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from functions.api.refusals import UnsupportedMedia
from shared.errors import InvalidInput, TooLarge

MAX_JSON_BYTES = 64 * 1024
MAX_BYTES = {"/api/v1/channels/email": 10 * 1024 * 1024}
RAW = re.compile(r"/api/v1/channels/.+")

Event = Mapping[str, Any]


def max_bytes(path: str) -> int:
    """How long a body may be on a path."""
    return MAX_BYTES.get(path, MAX_JSON_BYTES)


def method_of(event: Event) -> str:
    return str(event["requestContext"]["http"]["method"])


def read_header(event: Event, name: str) -> str:
    return str(event["headers"].get(name, ""))


def check_body(event: Event, path: str) -> None:
    """Hold a body to its size, its kind and UTF-8, before anything reads it."""
    raw = read_body(event)
    if len(raw) > max_bytes(path):
        raise TooLarge(f"the body is too long, at most {max_bytes(path)} bytes: send less")
    if not raw or RAW.fullmatch(path):
        return
    kind = read_header(event, "content-type").split(";")[0].strip().lower()
    if kind not in ("", "application/json"):
        raise UnsupportedMedia(
            "the body is of another kind", field="content-type", limit="application/json", action="send JSON"
        )
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8", field="body", limit="UTF-8", action="encode it as UTF-8") from error


def read_body(event: Event) -> bytes:
    """The body's bytes; raises InvalidInput for one that is not what it says."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise InvalidInput("not base64", field="body", limit="base64", action="send it as it is") from error
