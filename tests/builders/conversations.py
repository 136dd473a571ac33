"""Heads, messages and turn ends for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.conversations.claim import Claim, claim
from shared.conversations.head import need_head, write_head
from shared.conversations.inbox import Message, store_message
from shared.conversations.turn import Committed, TurnEnd, commit_turn
from shared.domain.conversation import Head
from shared.domain.finding import MessageRef, TurnRef
from shared.ports.records import Records

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


def arrive(records: Records, id: str, now: int = NOON, **changes: Any) -> Claim:
    """Store a message and start its turn, as intake and the queue do."""
    store_message(records, TENANT, any_message(id, **{"at": now} | changes))
    return start(records, id, now)


def start(records: Records, id: str, now: int = NOON) -> Claim:
    """What a queue message does, for the first time or again."""
    return claim(records, TENANT, CONVERSATION, id, now)


def commit(records: Records, payload: dict[str, Any], end: TurnEnd | None = None, now: int = NOON) -> Committed:
    """End the turn of a payload as the last step of its execution does."""
    turn = TurnRef(**payload["turn"])
    messages = [MessageRef(message["id"], message["kind"]) for message in payload["messages"]]
    return commit_turn(records, TENANT, CONVERSATION, turn, messages, end or any_end(), now=now)


def change_head(records: Records, change: Callable[[Head], Head]) -> Head:
    """Change the head as an operator's request does."""
    head, version = need_head(records, TENANT, CONVERSATION)
    changed = change(head)
    write_head(records, TENANT, CONVERSATION, changed, version)
    return changed


def head_of(records: Records) -> Head:
    return need_head(records, TENANT, CONVERSATION)[0]


def waiting_ids(payload: dict[str, Any]) -> list[str]:
    return [message["id"] for message in payload["messages"]]
