"""What became of a message, read from the rows: `run`'s line, a task's result, a story's end."""

from __future__ import annotations

from typing import Any

from adapters.local.platform import Platform
from shared.conversations.handoff import read_handoff
from shared.conversations.head import need_head
from shared.conversations.inbox import message_from_body
from shared.conversations.keys import conversation_partition, message_row
from shared.domain.conversation import Head
from shared.errors import NotFound
from shared.ports.records import Body, Records


def read_outcome(platform: Platform, tenant: str, conversation: str, message: str) -> dict[str, Any]:
    """The outcome of the turn that answered a message; parked where none did, because an operator sees it there."""
    records = platform.provider.records
    partition = conversation_partition(tenant, conversation)
    row = records.get(partition, message_row(message))
    if row is None:
        raise NotFound("no such message", field="message", limit="one of this conversation", action="check the id")
    subject = message_from_body(row.body).subject_key
    if row.body["ignored"]:
        return _empty(conversation) | {"outcome": "ignored", "handoff": None, "reason": row.body["ignored"]}
    try:
        head, _ = need_head(records, tenant, conversation)
    except NotFound:
        return _empty(conversation) | {"outcome": "parked"}
    turn = next((each for each in said_turns(records, tenant, conversation, head) if message in each["answers"]), None)
    if turn is None:
        return _empty(conversation) | {"outcome": "parked", "ticket_id": head.ticket}
    return describe_turn(platform, tenant, conversation, subject, head, turn)


def said_turns(records: Records, tenant: str, conversation: str, head: Head) -> list[Body]:
    """The committed turns, newest first: the head names the last, each row the one before it."""
    partition = conversation_partition(tenant, conversation)
    rows = {row.row: row.body for row in records.query(partition, prefix="TURN|")}
    turns, name = [], head.said
    while name in rows:
        turns.append(rows[name] | {"row": name})
        name = rows[name]["before"]
    return turns


def describe_turn(
    platform: Platform, tenant: str, conversation: str, subject: str, head: Head, turn: Body
) -> dict[str, Any]:
    """A committed turn as design §9 prints it."""
    reply = platform.app.vault.open(tenant, subject, turn["sealed"])["reply"] if turn["sealed"] else ""
    return {
        "ticket_id": head.ticket,
        "conversation_id": conversation,
        "outcome": turn["outcome"],
        "intents": [{"name": each["name"], "confidence": each["confidence"] / 10_000} for each in turn["intents"]],
        "category": turn["category"],
        "priority": turn["priority"],
        "sentiment": turn["sentiment"],
        "agents": turn["agents"],
        "actions": [{key: each[key] for key in ACTION_FIELDS if key in each} for each in turn["actions"]],
        "citations": [{"article_id": each["article_id"], "passage": each["passage"]} for each in turn["citations"]],
        "reply": reply,
        "handoff": describe_handoff(platform, tenant, conversation, subject, turn),
        "confidence": turn["confidence"] / 10_000,
        "brain": turn.get("brain", "playbook"),
        "cost_usd": 0.0,
        "reason": turn["reason"],
    }


ACTION_FIELDS = ("tool", "status", "amount_minor", "currency")


def describe_handoff(
    platform: Platform, tenant: str, conversation: str, subject: str, turn: Body
) -> dict[str, Any] | None:
    """The packet that a turn opened, with the operator who has it."""
    try:
        body = read_handoff(platform.provider.records, tenant, conversation, turn["n"]).body
    except NotFound:
        return None
    if body["turn"] != turn["row"]:
        return None
    packet = platform.app.vault.open(tenant, subject, body["sealed"]) if body["sealed"] else {}
    named = {key: body.get(key, "") for key in ("kind", "operator", "level", "reason")}
    return named | {"effects": body["effects"], "packet": packet}


def _empty(conversation: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"ticket_id": "", "conversation_id": conversation, "intents": [], "category": None}
    empty |= {"priority": None, "sentiment": None, "agents": [], "actions": [], "citations": [], "reply": ""}
    return empty | {"handoff": None, "confidence": 0.0, "brain": "playbook", "cost_usd": 0.0}
