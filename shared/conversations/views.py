"""Views: rows kept from the events so that nobody scans. Always behind, never the truth; whoever acts reads the head.

Per ticket one row at the ticket and one at its customer; per conversation one row at the desk while it is open, and
beside it, in the same batch, the instants at which somebody has to look again.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.conversations.due import due_after
from shared.conversations.keys import customer_partition, digest, ticket_partition, view_partition
from shared.domain.ticket import join_statuses
from shared.errors import Conflict, Retry
from shared.ports.records import ABSENT, Batch, Body, Delete, Put, Records, Write

DESK_SHARDS = 4
TRIES = 5
FINISHED = ("resolved", "closed")
KEEP_ALERTS_SECONDS = 30 * 86_400
LAST_MOMENT = 10**15 - 1  # epoch milliseconds of fifteen digits


def desk_partition(tenant: str, conversation: str) -> str:
    """The shard of the desk's view that a conversation's row lives in."""
    return view_partition(tenant, f"desk|{int(digest(conversation), 16) % DESK_SHARDS}")


def desk_partitions(tenant: str) -> list[str]:
    return [view_partition(tenant, f"desk|{shard}") for shard in range(DESK_SHARDS)]


def project_conversation(records: Records, name: str, body: Body, close_after: int = 0) -> int:
    """Bring every view up to one event; how many rows changed. `close_after`: see `due_after`."""
    if "conversation" not in body or "at" not in body:
        return 0
    tenant, conversation, due = body["tenant"], body["conversation"], due_after(name, body, close_after)
    if not body.get("ticket"):
        return _write_together(records, desk_partition(tenant, conversation), due)
    line = _conversation_line(name, body)
    changed, view, first = _merge(records, body, line)
    if body.get("customer"):
        changed += _keep_at_customer(records, tenant, view)
    newest = view["lines"][conversation] | {"conversation": conversation, "ticket": body["ticket"]}
    return changed + _write_together(records, desk_partition(tenant, conversation), (*_desk_rows(newest, first), *due))


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


def _merge(records: Records, body: Body, line: Body) -> tuple[int, Body, bool]:
    """Put a conversation's line into its ticket's row, unless it came late; the row, and whether the line is its first.

    `merged` counts what went into the row.
    """
    kept: Body = {}
    first = False

    def change(old: Body | None) -> Body | None:
        nonlocal kept, first
        lines: dict[str, Body] = dict(old["lines"]) if old else {}
        known = lines.get(body["conversation"])
        first = known is None
        if old and known and _is_late(known, line):
            kept = old
            return None
        lines[body["conversation"]] = (known or {}) | line
        intents = sorted({*(old["intents"] if old else ()), *body.get("intents", ())})
        kept = {
            "ticket": body["ticket"],
            "customer": body.get("customer", ""),
            "status": join_statuses([each["status"] for each in lines.values() if "status" in each] or ["open"]),
            "intents": intents,
            "at": max(line["at"], old["at"] if old else 0),
            "opened": old["opened"] if old else line["at"],
            "conversations": sorted(lines),
            "lines": lines,
            "linked": body.get("linked") or (old or {}).get("linked", ""),
            "merged": (old["merged"] if old else 0) + 1,
        }
        return kept

    return _change(records, ticket_partition(body["tenant"], body["ticket"]), "TICKET", change), kept, first


def _keep_at_customer(records: Records, tenant: str, view: Body) -> int:
    """Put what a ticket's row says of it at its customer, the newest ticket first; an older saying changes nothing."""
    kept = ("ticket", "status", "intents", "at", "conversations", "linked", "merged")
    body = {name: view[name] for name in kept}

    def change(old: Body | None) -> Body | None:
        return None if old and old["merged"] >= body["merged"] else body

    row = past_row(view["opened"], view["ticket"])
    return _change(records, customer_partition(tenant, view["customer"]), row, change, new=view["merged"] == 1)


def past_row(opened: int, ticket: str) -> str:
    """A ticket's row at its customer; what was opened later (epoch milliseconds) sorts first."""
    return f"TICKET|{LAST_MOMENT - opened:015d}|{ticket}"


def _desk_rows(line: Body, first: bool) -> tuple[Write, ...]:
    """A conversation stands on the desk's view until it is finished; one that finished at once never stood there."""
    row = f"OPEN|{line['conversation']}"
    if line.get("status") not in FINISHED:
        return (Put(row, line),)
    return () if first else (Delete(row),)


def _write_together(records: Records, partition: str, writes: tuple[Write, ...]) -> int:
    if writes:
        records.write(Batch(partition, writes))
    return len(writes)


def _change(
    records: Records, partition: str, row: str, change: Callable[[Body | None], Body | None], *, new: bool = False
) -> int:
    """Write what `change` makes of a row; one that should be `new` is read only where it is not."""
    for attempt in range(TRIES):
        found = None if new and not attempt else records.get(partition, row)
        body = change(found.body if found else None)
        if body is None:
            return 0
        try:
            records.write(Batch(partition, (Put(row, body, found.version if found else ABSENT),)))
        except Conflict:
            continue
        return 1
    raise Retry("the view kept moving")
