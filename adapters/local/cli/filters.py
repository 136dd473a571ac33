"""The filters' contract: JSON lines in, one JSON line out per line in, in order (design §9)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from shared.access.strict_json import read_json
from shared.errors import InvalidInput, Refused

Record = dict[str, Any]


def run_filter(answer: Callable[[Record], Record], lines: Iterable[str], out: TextIO) -> int:
    """Answer every line; a refused one answers `{"id", "error"}` and the others go on. Returns the exit status."""
    status = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            reply = answer_line(answer, line)
        except Refused as refusal:
            reply = {"id": identify(line), "error": refusal.body()}
            status = 1
        out.write(json.dumps(reply) + "\n")  # ASCII: a lone surrogate in a text must not stop the others
        out.flush()
    return status


def answer_line(answer: Callable[[Record], Record], line: str) -> Record:
    """One line's answer with its id in front; raises InvalidInput."""
    record = parse_line(line)
    return {"id": record["id"], **answer(record)}


def parse_line(line: str) -> Record:
    """One input record; raises InvalidInput where it is no JSON object with an id."""
    try:
        record = read_json(line.removeprefix("\ufeff"))
    except InvalidInput as error:
        raise InvalidInput(
            error.message, field="line", limit=error.limit, action="send one JSON object a line"
        ) from error
    if not isinstance(record, dict):
        raise InvalidInput("not an object", field="line", limit="one JSON object", action="send one JSON object a line")
    if not is_id(record.get("id")):
        raise InvalidInput("no id", field="id", limit="a string or an integer", action="give every line an id")
    return record


def is_id(value: Any) -> bool:
    """A string that is not empty, or an integer."""
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def identify(line: str) -> str | int | None:
    """The id of a refused line, or None where it cannot be parsed."""
    try:
        found = parse_line(line)["id"]
    except InvalidInput:
        return None
    return found if isinstance(found, str | int) else None


def need_text(record: Record, field: str, *, at_most: int = 100_000) -> str:
    """A field that must be text; raises InvalidInput naming the field and the limit."""
    value = record.get(field)
    if not isinstance(value, str):
        raise InvalidInput(f"{field} is missing", field=field, limit="a string", action=f"give {field} as text")
    if len(value) > at_most:
        raise InvalidInput(
            f"{field} is too long", field=field, limit=f"{at_most} characters", action=f"shorten {field}"
        )
    return value


def filter_command(answer: Callable[[Record], Record]) -> None:
    """Run a filter on standard input and output and leave with its status."""
    sys.exit(run_filter(answer, sys.stdin, sys.stdout))
