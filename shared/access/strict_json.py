"""JSON as a program must write it: no key twice, no NaN, no nesting without end, no number beyond what all can read."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from shared.domain.text import drop_surrogates
from shared.errors import InvalidInput

DEEPEST = 16
LONGEST_NUMBER = 18
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def read_json(text: str) -> Any:
    """The value of a body; raises InvalidInput naming what is wrong with it (T36)."""
    _check_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_read_object,
            parse_constant=_refuse_constant,
            parse_int=_read_integer,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "the body is not JSON", field="body", limit="one JSON object", action="correct it"
        ) from error


def _check_depth(text: str) -> None:
    depth = 0
    for character in _STRINGS.sub("", text):
        if character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise InvalidInput("nested too deeply", field="body", limit=f"{DEEPEST} levels", action="flatten it")
        elif character in "]}":
            depth -= 1


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInput("a key stands twice", field="body", limit="each key once", action="remove one of them")
        found[key] = _read_text(value)
    return found


def _read_text(value: Any) -> Any:
    """Half a character, which JSON can write and nothing can store, is replaced (T34)."""
    if isinstance(value, list):
        return [_read_text(each) for each in value]
    return drop_surrogates(value) if isinstance(value, str) else value


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is no JSON number", field="body", limit="finite numbers", action="send a number")


def _read_integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise InvalidInput("a number is too long", field="body", limit=f"{LONGEST_NUMBER} digits", action="shorten it")
    return int(digits)
