"""What a webhook's body says, each field of its own type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.errors import InvalidInput

LONGEST_ID = 200
LONGEST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class Told:
    """A message as another system tells it; `id` is that system's own name for it, empty where it has none."""

    text: str
    id: str = ""
    customer_id: str = ""
    subject: str = ""
    conversation_id: str = ""
    channel: str = "api"


def read_told(fields: Any) -> Told:
    """The fields of a parsed body, unknown ones left out; raises InvalidInput naming the field."""
    if not isinstance(fields, dict):
        raise InvalidInput("not an object", field="body", limit="one JSON object", action="send one JSON object")
    return Told(
        text=_text(fields, "text"),
        id=_id(fields),
        customer_id=_text(fields, "customer_id"),
        subject=_text(fields, "subject")[:LONGEST_SUBJECT],
        conversation_id=_text(fields, "conversation_id"),
        channel=_text(fields, "channel") or "api",
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    raise InvalidInput(f"{name} is no text", field=name, limit="a string", action=f"give {name} as text")


def _id(fields: dict[str, Any]) -> str:
    """Text, or a whole number; a fraction is no name, because not every reader keeps it as it was."""
    value = fields.get("id", "")
    named = "" if value is None else str(value)
    if isinstance(value, bool | float | list | dict) or len(named) > LONGEST_ID or not named.isprintable():
        limit = f"a string of at most {LONGEST_ID} printable characters, or an integer"
        raise InvalidInput("id is no name", field="id", limit=limit, action="give id as text")
    return named
