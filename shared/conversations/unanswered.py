"""A message without an answer: its turn died, or the queue lost it. It is looked at again, and never forgotten."""

from __future__ import annotations

from shared.conversations.claim import was_answered
from shared.conversations.due import LOOK_AGAIN_MS, Due, look_later, make_due
from shared.conversations.head import read_head
from shared.conversations.keys import conversation_partition
from shared.domain.conversation import lease_is_live
from shared.domain.events import ALERT_RAISED
from shared.ports.queue import Queue
from shared.ports.records import ABSENT, Batch, Event, Put, Records

LOOKS_BEFORE_ALERT = 3  # one restarts the turn, one hands it to an operator, the third should not be needed
TURNS = "turns"


def look_for_answer(
    records: Records, queue: Queue, tenant: str, due: Due, now: int, close_after: int
) -> tuple[Put, ...]:
    """Send somebody to look at the conversation unless the message was answered or a turn is at it; when to come back.

    Whoever looks restarts a dead turn once; the second death goes to an operator. Where the answer resolved it, the
    next look is the one that may close it, `close_after` milliseconds after the message.
    """
    conversation, message, looks = due.conversation, due.body["message"], due.body["looks"]
    head, _ = read_head(records, tenant, conversation)
    if head is not None and was_answered(records, tenant, conversation, head, message):
        resolved = (make_due(due.at - LOOK_AGAIN_MS + close_after, conversation, "close"),)
        return resolved if head.status == "resolved" else ()
    if head is not None and lease_is_live(head, now):
        return (make_due(head.lease + 1, conversation, "turn", message=message, looks=looks),)
    queue.send(TURNS, {"tenant": tenant, "conversation": conversation, "message": message}, group=tenant)
    if looks + 1 >= LOOKS_BEFORE_ALERT:
        _raise_alert(records, tenant, conversation, message, now)
    return look_later(now, conversation, message, looks + 1), make_due(now, conversation, "sla")


def _raise_alert(records: Records, tenant: str, conversation: str, message: str, now: int) -> None:
    """Once a message: whatever stands in the way, a person has to see it."""
    partition, row = conversation_partition(tenant, conversation), f"UNANSWERED|{message}"
    if records.get(partition, row) is None:
        where = {"tenant": tenant, "conversation": conversation, "at": now, "type": "message_unanswered"}
        alert = Event(f"{conversation}-{message}-unanswered", ALERT_RAISED, where | {"message": message})
        records.write(Batch(partition, (Put(row, {"at": now}, ABSENT),), (alert,)))
