"""`handoffs`: the desk's queue, each conversation with its packet."""

from __future__ import annotations

from typing import Any

from functions.api.backend import Backend
from functions.api.caller import FromCaller
from functions.api.responses import as_time
from functions.api.transcript import WITH_A_PERSON
from shared.conversations.handoff import read_handoff
from shared.conversations.head import read_head
from shared.conversations.views import FINISHED, desk_partitions
from shared.domain.conversation import Head
from shared.domain.ticket import PRIORITIES
from shared.errors import NotFound
from shared.ports.records import Body

PERMISSION = "handoffs:work"
SHOWN, LAST = 100, PRIORITIES[-1]


def list_handoffs(caller: FromCaller) -> dict[str, Any]:
    """What waits for or is with a person; the most urgent, then the oldest in front, at most 100 of `total`."""
    backend = caller.need(PERMISSION)
    rows = [row.body for part in desk_partitions(caller.tenant) for row in backend.records.query(part, prefix="OPEN|")]
    waiting = sorted(filter(_needs_person, rows), key=lambda row: (row.get("priority", LAST), row["at"]))
    found = [_tell(backend, caller.tenant, row["conversation"]) for row in waiting[:SHOWN]]
    queue = [each for each in found if each is not None]
    return {"handoffs": sorted(queue, key=lambda each: (each["priority"], each["opened_at"])), "total": len(waiting)}


def _needs_person(row: Body) -> bool:
    """By the view, which may be a moment behind; the head is read of those that are shown."""
    return row.get("owner", "ai") != "ai" or row.get("status") in WITH_A_PERSON


def _tell(backend: Backend, tenant: str, conversation: str) -> dict[str, Any] | None:
    """One line of the queue; nothing for a conversation that no person has to look at."""
    head, _ = read_head(backend.records, tenant, conversation)
    if head is None or head.status in FINISHED or not head.escalation:
        return None
    try:
        body = read_handoff(backend.records, tenant, conversation, head.escalation).body
    except NotFound:
        return None
    done = body["state"] == "closed" and head.owner == "ai"
    return None if done else _line(backend, tenant, conversation, head, body)


def _line(backend: Backend, tenant: str, conversation: str, head: Head, body: Body) -> dict[str, Any]:
    packet = backend.vault.open(tenant, body["subject"], body["sealed"]) if body["sealed"] else {}
    return {
        "conversation_id": conversation,
        "customer_id": head.customer,
        "channel": head.channel,
        "status": head.status,
        "owner": head.owner,
        "kind": body["kind"],
        "reason": body["reason"],
        "priority": body["priority"],
        "operator": body.get("operator", ""),
        "level": body.get("level", ""),
        "effects": body["effects"],
        "opened_at": as_time(body["opened"]),
        "packet": packet,
    }
