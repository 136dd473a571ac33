"""Tell whoever listens live that a conversation's status changed; a courtesy, the rows count (C2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.ports.connections import Connections


@dataclass(frozen=True, slots=True)
class Fact:
    """One published event of a conversation."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    connections: int


def handle(fact: Fact, *, connections: Connections) -> Told:
    """Push `{type: status_update, conversation_id, status, timestamp}` to the conversation's listeners and the desk."""
    tenant, conversation = fact.body["tenant"], fact.body["conversation"]
    note = {
        "type": "status_update",
        "conversation_id": conversation,
        "status": fact.body.get("status", ""),
        "timestamp": fact.body["at"],
        "event": fact.name,
    }
    listening = dict.fromkeys(
        (*connections.members(f"{tenant}|{conversation}"), *connections.members(f"{tenant}|desk"))
    )
    return Told(sum(connections.push(each, note) for each in listening))
