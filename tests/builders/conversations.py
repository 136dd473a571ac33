"""Heads, messages and turn ends for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.conversations.inbox import Message
from shared.conversations.turn import TurnEnd
from shared.domain.conversation import Head

TENANT = "acme"
CONVERSATION = "c1"
NOON = 1_750_000_000_000


def any_head(**changes: Any) -> Head:
    return replace(Head("u1", "chat", NOON), **changes)


def any_message(id: str = "m1", **changes: Any) -> Message:
    message = Message(
        id=id,
        conversation=CONVERSATION,
        kind="customer",
        channel="chat",
        source="widget",
        at=NOON,
        subject_key="u1",
        customer="u1",
        sealed=f"sealed-{id}",
    )
    return replace(message, **changes)


def any_end(**changes: Any) -> TurnEnd:
    return replace(TurnEnd(outcome="resolved", status="resolved", row={"reply": "sealed"}), **changes)
