"""How many automatic answers one sender may have a day (T31): two machines that answer each other fall silent."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.conversations.head import read_head
from shared.conversations.keys import conversation_id, digest
from shared.domain.conversation import owner_kind
from shared.errors import Conflict, Retry
from shared.ports.records import ABSENT, Batch, Body, Put, Records

MOST_A_DAY = 5
TRIES = 5
KEPT_SECONDS = 3 * 86_400


def find_quiet(records: Records, tenant: str, subject_key: str, conversation: str, message: str, now: int) -> str:
    """The conversation in which a sender's mails beyond the day's limit are kept in silence, or nothing below it.

    A conversation that an operator has gets no automatic answers, so its mails are not counted. A redelivery is
    counted once.
    """
    if is_with_operator(records, tenant, conversation):
        return ""
    day = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    partition, row = f"T|{tenant}|M|{digest(tenant, 'sender', subject_key, size=32)}", f"DAY|{day}"
    for _ in range(TRIES):
        found = records.get(partition, row)
        body: Body = found.body if found else {"messages": [], "quiet": ""}
        if message in body["messages"]:
            return ""
        if body["quiet"]:
            return str(body["quiet"])
        changed = count(body, message)
        try:
            expires = now // 1000 + KEPT_SECONDS
            records.write(Batch(partition, (Put(row, changed, found.version if found else ABSENT, expires),)))
        except Conflict:
            continue
        return str(changed["quiet"])
    raise Retry("the sender's count kept moving")


def count(body: Body, message: str) -> Body:
    """One mail more; the first beyond the limit names the quiet conversation."""
    if len(body["messages"]) < MOST_A_DAY:
        return body | {"messages": [*body["messages"], message]}
    return body | {"quiet": conversation_id(message)}


def is_with_operator(records: Records, tenant: str, conversation: str) -> bool:
    head, _ = read_head(records, tenant, conversation)
    return head is not None and owner_kind(head.owner) == "operator"
