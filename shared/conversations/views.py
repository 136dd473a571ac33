"""Views: rows kept from the events so that nobody scans. Always behind, never the truth; whoever acts reads the head.

Per ticket one row at the ticket and one at its customer; per conversation one row at the desk while it is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.conversations.keys import customer_partition, digest, ticket_partition, view_partition
from shared.domain.ticket import join_statuses
from shared.errors import Conflict, Retry
from shared.ports.records import ABSENT, Batch, Body, Delete, Put, Records, Write

DESK_SHARDS = 4
TRIES = 5
FINISHED = ("resolved", "closed")


def desk_partition(tenant: str, conversation: str) -> str:
    """The shard of the desk's view that a conversation's row lives in."""
    return view_partition(tenant, f"desk|{int(digest(conversation), 16) % DESK_SHARDS}")


def desk_partitions(tenant: str) -> list[str]:
    return [view_partition(tenant, f"desk|{shard}") for shard in range(DESK_SHARDS)]


def project_conversation(records: Records, name: str, body: Body) -> int:
    """Bring every view up to one event; how many rows changed."""
    if not body.get("ticket"):
        return 0
    tenant, ticket = body["tenant"], body["ticket"]
    conversation = _conversation_line(name, body)
    changed = _merge(records, ticket_partition(tenant, ticket), "TICKET", body, conversation)
    if body.get("customer"):
        row = f"TICKET|{ticket}"
        changed += _merge(records, customer_partition(tenant, body["customer"]), row, body, conversation)
    return changed + _put_on_desk(records, tenant, body, conversation)


def _conversation_line(name: str, body: Body) -> Body:
    """What a ticket's view says of one conversation."""
    kept = ("status", "owner", "outcome", "channel", "priority", "category", "n", "at")
    return {key: body[key] for key in kept if key in body} | {"event": name}


def _merge(records: Records, partition: str, row: str, body: Body, line: Body) -> int:
    """Put one conversation's newest line into a ticket's row."""

    def change(old: Body | None) -> Body | None:
        lines: dict[str, Body] = dict(old["lines"]) if old else {}
        known = lines.get(body["conversation"])
        if known and known["at"] >= line["at"] and known.get("n", 0) >= line.get("n", 0):
            return None
        lines[body["conversation"]] = (known or {}) | line
        intents = sorted({*(old["intents"] if old else ()), *body.get("intents", ())})
        return {
            "ticket": body["ticket"],
            "customer": body.get("customer", ""),
            "status": join_statuses([each["status"] for each in lines.values() if "status" in each] or ["open"]),
            "intents": intents,
            "at": max(line["at"], old["at"] if old else 0),
            "opened": old["opened"] if old else line["at"],
            "conversations": sorted(lines),
            "lines": lines,
        }

    return _change(records, partition, row, change)


def _put_on_desk(records: Records, tenant: str, body: Body, line: Body) -> int:
    """A conversation stands on the desk's view until it is finished."""
    partition, row = desk_partition(tenant, body["conversation"]), f"OPEN|{body['conversation']}"
    finished = body.get("status") in FINISHED
    write: Write = (
        Delete(row) if finished else Put(row, line | {"conversation": body["conversation"], "ticket": body["ticket"]})
    )
    records.write(Batch(partition, (write,)))
    return 1


def _change(records: Records, partition: str, row: str, change: Callable[[Body | None], Body | None]) -> int:
    for _ in range(TRIES):
        found = records.get(partition, row)
        body: dict[str, Any] | None = change(found.body if found else None)
        if body is None:
            return 0
        try:
            records.write(Batch(partition, (Put(row, body, found.version if found else ABSENT),)))
        except Conflict:
            continue
        return 1
    raise Retry("the view kept moving")
