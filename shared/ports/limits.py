"""The limits that every provider enforces before it stores anything (R1 to R4, R6, R11, Q3, E3, C3, D1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from shared.errors import InvalidInput, TooLarge
from shared.ports.queue import MAX_BODY_BYTES
from shared.ports.records import MAX_BATCH_ROWS, MAX_BODY_CHARACTERS, MAX_KEY_BYTES, Batch, Event, Put, Write

MAX_PUSH_BYTES = 32 * 1024

_PART = r"[ !\"$-.0->@-\[\]-{}~]+"  # printable ASCII but / \ # ? and the separator |
_KEY = re.compile(rf"{_PART}(?:\|{_PART})*")
_NAME = re.compile(rf"{_PART}(?:[|/]{_PART})*")
_BOUND = re.compile(r"[ -~]*")
_AFTER_EVERY_ROW = "\x7f"
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def check_key(partition: str, row: str) -> None:
    """Hold a key to R1; raises InvalidInput or TooLarge."""
    _hold_to(_KEY, "partition", partition)
    _hold_to(_KEY, "row", row)
    if len(partition) + len(row) > MAX_KEY_BYTES:
        raise TooLarge(f"key of {len(partition) + len(row)} bytes, at most {MAX_KEY_BYTES}: shorten {partition}|{row}")


def check_name(name: str) -> None:
    """Hold a document's or a secret's name to D1; raises InvalidInput or TooLarge."""
    _hold_to(_NAME, "name", name)
    if len(name) > MAX_KEY_BYTES:
        raise TooLarge(f"name of {len(name)} bytes, at most {MAX_KEY_BYTES}: shorten {name}")


def query_bounds(partition: str, prefix: str, start: str, end: str, limit: int) -> tuple[str, str]:
    """The half-open range of rows that a query means (R6); raises InvalidInput."""
    _hold_to(_KEY, "partition", partition)
    if prefix and (start or end):
        raise InvalidInput("prefix and range together", field="prefix", limit="a prefix or a range", action="give one")
    if limit < 1:
        raise InvalidInput("a query without rows", field="limit", limit="at least 1", action="raise the limit")
    for field, value in (("prefix", prefix), ("start", start), ("end", end)):
        _hold_to(_BOUND, field, value)
    if prefix:
        return prefix, prefix + _AFTER_EVERY_ROW
    return start, end or _AFTER_EVERY_ROW


def encode_batch(batch: Batch) -> tuple[list[str], list[str]]:
    """Hold a batch to R1, R2 and R4; returns the JSON texts of its writes ("" where nothing is put) and its events."""
    if not batch.writes:
        raise InvalidInput("an empty batch", field="writes", limit=f"1 to {MAX_BATCH_ROWS}", action="write a row")
    if len(batch.writes) > MAX_BATCH_ROWS:
        raise TooLarge(f"batch of {len(batch.writes)} rows, at most {MAX_BATCH_ROWS}: split it")
    if len({write.row for write in batch.writes}) < len(batch.writes):
        raise InvalidInput("a row twice in a batch", field="writes", limit="each row once", action="merge the writes")
    return [_encode_write(batch.partition, write) for write in batch.writes], encode_events(batch.events)


def encode_events(events: Sequence[Event]) -> list[str]:
    """The JSON texts of events that are stored with rows, which obey R2."""
    return [encode_body(event.body, f"event {event.name}") for event in events]


def encode_body(body: dict[str, Any], where: str) -> str:
    """A row's body as JSON text (R2); raises InvalidInput or TooLarge."""
    text = encode_json(body, where)
    if len(text) > MAX_BODY_CHARACTERS:
        raise TooLarge(f"{where}: body of {len(text)} characters, at most {MAX_BODY_CHARACTERS}: use a document")
    _refuse_floats(body, where)
    return text


def encode_message(body: dict[str, Any], where: str, *, at_most: int = MAX_BODY_BYTES) -> str:
    """A message's body as JSON text of at most `at_most` bytes (Q3, E3, C3); raises InvalidInput or TooLarge."""
    text = encode_json(body, where)
    size = len(text) if text.isascii() else len(text.encode())
    if size > at_most:
        raise TooLarge(f"{where}: body of {size} bytes, at most {at_most}: send a pointer")
    return text


def encode_json(body: dict[str, Any], where: str) -> str:
    """One JSON object as text that UTF-8 can carry; raises InvalidInput."""
    if not isinstance(body, dict):
        raise _not_json(where, "not an object")
    try:
        text = _encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_json(where, str(error)) from error
    if not text.isascii() and _has_lone_surrogate(text):
        return json.dumps(body, separators=(",", ":"))
    return text


def _encode_write(partition: str, write: Write) -> str:
    check_key(partition, write.row)
    if not isinstance(write, Put):
        return ""
    if write.expires_at is not None and type(write.expires_at) is not int:
        raise InvalidInput("expires_at", field="expires_at", limit="epoch seconds", action="give an integer or None")
    return encode_body(write.body, f"row {write.row}")


def _refuse_floats(body: dict[str, Any], where: str) -> None:
    """Look at every value once; that the body is finite is known, since it has been encoded."""
    waiting: list[Any] = [body]
    while waiting:
        node = waiting.pop()
        for value in _values(node, where) if isinstance(node, dict) else node:
            kind = type(value)
            if kind is str or kind is int:
                continue
            if isinstance(value, float):
                raise InvalidInput(f"{where}: a float", field=where, limit="no floats", action="use integers or text")
            if isinstance(value, dict | list | tuple):
                waiting.append(value)


def _values(node: dict[Any, Any], where: str) -> Iterable[Any]:
    """A dictionary's values; its keys must be text, because JSON would make them so silently."""
    for key in node:
        if type(key) is not str:
            raise _not_json(where, "a key that is not text")
    return node.values()


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _hold_to(pattern: re.Pattern[str], field: str, value: str) -> None:
    if not pattern.fullmatch(value):
        limit = "printable ASCII without / \\ # ?, non-empty parts separated by |"
        raise InvalidInput(f"{field} {value!r}", field=field, limit=limit, action=f"mend {field} {value!r}")


def _not_json(where: str, why: str) -> InvalidInput:
    return InvalidInput(f"{where}: {why}", field=where, limit="one JSON object", action=f"send plain JSON ({why})")
