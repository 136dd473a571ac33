"""What a message may be (requirements row 10), checked before anything is accepted."""

from __future__ import annotations

import html
import re

from shared.errors import InvalidInput

LONGEST_TEXT = 5_000
NAME = re.compile(r"[a-zA-Z0-9_-]{1,100}")
MARKUP = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<!--")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def check_message(text: str, customer: str = "", conversation: str = "") -> str:
    """The text without markup and control characters; raises InvalidInput."""
    for field, name in (("customer_id", customer), ("conversation_id", conversation)):
        if name and not NAME.fullmatch(name):
            raise InvalidInput(
                f"{field} is not a name", field=field, limit="1 to 100 of a-z A-Z 0-9 _ -", action=f"correct {field}"
            )
    cleaned = clean_text(text)
    if not cleaned.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(
            "the text cannot be used",
            field="text",
            limit=f"1 to {LONGEST_TEXT} characters",
            action="send the customer's words, shortened if need be",
        )
    return cleaned


def clean_text(text: str) -> str:
    """Text without NUL, control characters, lone surrogates and HTML tags (T17, T34); what it says stays."""
    printable = UNPRINTABLE.sub("", text)
    if not MARKUP.search(printable):
        return printable
    import nh3  # only for the few messages that carry markup

    return html.unescape(nh3.clean(printable, tags=set(), clean_content_tags={"script", "style"}))
