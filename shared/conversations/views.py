"""Views: rows kept from the events so that nobody scans. Always behind, never the truth; whoever acts reads the head.

Per ticket one row at the ticket and one at its customer; per conversation one row at the desk while it is open, and
beside it, in the same batch, the instants at which somebody has to look again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.conversations.due import due_after
from shared.conversations.keys import customer_partition, digest, ticket_partition, view_partition
from shared.domain.ticket import join_statuses
from shared.errors import Conflict, Retry
from shared.ports.records import ABSENT, Batch, Body, Delete, Put, Records, Write

DESK_SHARDS = 4
TRIES = 5
FINISHED = ("resolved", "closed")
KEEP_ALERTS_SECONDS = 30 * 86_400


def desk_partition(tenant: str, conversation: str) -> str:
    """The shard of the desk's view that a conversation's row lives in."""
    return view_partition(tenant, f"desk|{int(digest(conversation), 16) % DESK_SHARDS}")


def desk_partitions(tenant: str) -> list[str]:
    return [view_partition(tenant, f"desk|{shard}") for shard in range(DESK_SHARDS)]


def project_conversation(records: Records, name: str, body: Body, close_after: int) -> int:
    """Bring every view up to one event; how many rows changed. `close_after`: see `due_after`."""
    if "conversation" not in body or "at" not in body:
        return 0
    tenant, conversation, due = body["tenant"], body["conversation"], due_after(name, body, close_after)
    if not body.get("ticket"):
        return _write_together(records, desk_partition(tenant, conversation), due)
    line = _conversation_line(name, body)
    changed, newest = _merge(records, ticket_partition(tenant, body["ticket"]), "TICKET", body, line)
    if body.get("customer"):
        row = f"TICKET|{body['ticket']}"
        changed += _merge(records, customer_partition(tenant, body["customer"]), row, body, line)[0]
    on_desk = _desk_row(newest | {"conversation": conversation, "ticket": body["ticket"]})
    return changed + _write_together(records, desk_partition(tenant, conversation), (on_desk, *due))


def keep_alert(records: Records, id: str, body: Body) -> int:
    """Put an alert where operators look: newest last, forgotten after thirty days."""
    expires = body["at"] // 1000 + KEEP_ALERTS_SECONDS
    put = Put(f"ALERT|{body['at']:015d}|{id}", body, expires_at=expires)
    return _write_together(records, view_partition(body["tenant"], "alerts"), (put,))


def _conversation_line(name: str, body: Body) -> Body:
    """What a ticket's view says of one conversation."""
    kept = ("status", "owner", "outcome", "channel", "priority", "category", "n", "at", "sla")
    return {key: body[key] for key in kept if key in body} | {"event": name}


def _is_late(known: Body, line: Body) -> bool:
    """Whether a line came after a newer one, or is the same again; a turn's number goes before the clocks."""
    number = known.get("n", 0)
    place, newest = (line.get("n", number), line["at"]), (number, known["at"])
    return place < newest or (place == newest and line["event"] == known["event"])


def _merge(records: Records, partition: str, row: str, body: Body, line: Body) -> tuple[int, Body]:
    """Put one conversation's line into a ticket's row, unless it came late; the line that counts now."""
    newest: Body = line

    def change(old: Body | None) -> Body | None:
        nonlocal newest
        lines: dict[str, Body] = dict(old["lines"]) if old else {}
        known = lines.get(body["conversation"])
        if known and _is_late(known, line):
            newest = known
            return None
        newest = lines[body["conversation"]] = (known or {}) | line
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
            "linked": body.get("linked") or (old or {}).get("linked", ""),
        }

    return _change(records, partition, row, change), newest


def _desk_row(line: Body) -> Write:
    """A conversation stands on the desk's view until it is finished."""
    row = f"OPEN|{line['conversation']}"
    return Delete(row) if line.get("status") in FINISHED else Put(row, line)


def _write_together(records: Records, partition: str, writes: tuple[Write, ...]) -> int:
    if writes:
        records.write(Batch(partition, writes))
    return len(writes)


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
