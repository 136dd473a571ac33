"""What is wrong with the fields of a body, from the errors of its validation; the caller's values are not repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What an error's type means as a limit; filled with the error's own context.
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


def describe_fields(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Field, limit and advice of each error."""
    return [
        {
            "field": ".".join(str(part) for part in each["loc"] if part != "body") or "body",
            "limit": _limit(each),
            "message": str(each["msg"]),
        }
        for each in found
    ]


def _limit(found: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = found.get("ctx") or {}
    try:
        return LIMITS[found["type"]].format(**context)
    except KeyError:
        return str(found["type"]).replace("_", " ")
