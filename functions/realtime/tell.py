"""Tell whoever listens live how a conversation stands and what was said; a courtesy, the rows count (C2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.access.listeners import find_listeners
from shared.conversations.keys import conversation_partition
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Records
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Fact:
    """One published event of a conversation; a turn whose reply is pushed `speaks`, which names whose key opens it."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    connections: int


def handle(fact: Fact, *, records: Records, vault: Vault, connections: Connections, clock: Clock) -> Told:
    """Push `{type: status_update, conversation_id, status, timestamp}` to the conversation's listeners and the desk,
    and to the former what the turn replied.
    """
    tenant, conversation = fact.body["tenant"], fact.body["conversation"]
    note = {
        "type": "status_update",
        "conversation_id": conversation,
        "status": fact.body.get("status", ""),
        "timestamp": fact.body["at"],
        "event": fact.name,
    }
    customers = find_listeners(records, clock, connections, f"{tenant}|{conversation}")
    listening = dict.fromkeys((*customers, *find_listeners(records, clock, connections, f"{tenant}|desk")))
    told = sum(connections.push(each, note) for each in listening)
    text = _reply(fact, records, vault) if customers else ""
    for each in customers if text else ():
        connections.push(each, {"type": "reply", "conversation_id": conversation, "text": text})
    return Told(told)


def _reply(fact: Fact, records: Records, vault: Vault) -> str:
    """What the turn said, where it is for whoever listens."""
    subject = fact.body.get("speaks")
    if not subject:
        return ""
    row = records.get(conversation_partition(fact.body["tenant"], fact.body["conversation"]), fact.body["turn"])
    if row is None or not row.body["sealed"]:
        return ""
    return str(vault.open(fact.body["tenant"], subject, row.body["sealed"])["reply"])
