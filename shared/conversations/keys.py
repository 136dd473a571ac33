"""Where rows live: the tenant in every partition, no hot one."""

from __future__ import annotations

import hashlib

HEAD = "HEAD"


def conversation_partition(tenant: str, conversation: str) -> str:
    return f"T|{tenant}|C|{conversation}"


def customer_partition(tenant: str, customer: str) -> str:
    return f"T|{tenant}|U|{customer}"


def ticket_partition(tenant: str, ticket: str) -> str:
    return f"T|{tenant}|K|{ticket}"


def money_partition(tenant: str) -> str:
    return f"T|{tenant}|money"


def view_partition(tenant: str, view: str) -> str:
    return f"T|{tenant}|V|{view}"


def message_row(message: str) -> str:
    return f"IN|{message}"


def turn_row(n: int, fence: int) -> str:
    return f"TURN|{n:06d}|{fence:06d}"


def handoff_row(n: int) -> str:
    return f"HANDOFF|{n:06d}"


def digest(*parts: str, size: int = 16) -> str:
    """A name derived from a business identity: hex of `size` digits; every part must be there (T38)."""
    if not all(parts):
        raise ValueError("a part of a composite key is missing")
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hashlib.sha256(framed).hexdigest()[:size]


def message_id(tenant: str, channel: str, own_id: str) -> str:
    """A message's business identity: a repeat meets the same row."""
    return digest(tenant, channel, own_id)


def conversation_id(message: str) -> str:
    """A conversation is named by its first message, so that duplicates of that message meet."""
    return f"c{message}"


def ticket_id(conversation: str, ordinal: int) -> str:
    return f"t{digest(conversation, str(ordinal), size=12)}"
