"""Coming back to a customer: a message of our own, from which the stored work of a turn runs again, exactly once."""

from __future__ import annotations

from shared.conversations.due import Due
from shared.conversations.head import need_head
from shared.conversations.inbox import Message, read_messages, store_message
from shared.conversations.keys import conversation_partition, digest
from shared.domain.conversation import Head, owner_kind
from shared.domain.sla import DONE
from shared.ports.records import Put, Records

AGAIN = "follow_up"  # from its beginning: what was found then may be old by now
GO_ON = "settled"  # from where it stood: what it waited for has been decided elsewhere


def store_follow_up(
    records: Records, tenant: str, conversation: str, head: Head, turn: str, kind: str, now: int
) -> bool:
    """Let a turn's stored work run again; False where it was asked for before, or there is nothing to go on with."""
    row = records.get(conversation_partition(tenant, conversation), turn)
    if row is None or not row.body["resume"] or not row.body["answers"]:
        return False
    first = read_messages(records, tenant, conversation, row.body["answers"][:1])[0]
    message = Message(
        id=digest(conversation, turn, kind),
        conversation=conversation,
        kind="follow_up",
        channel=head.channel,
        source="sweep",
        at=now,
        subject_key=first.subject_key,
        customer=head.customer,
        decision={"kind": kind, "resume": turn},
    )
    return store_message(records, tenant, message)


def come_back(records: Records, tenant: str, due: Due, now: int) -> tuple[Put, ...]:
    """A promised follow-up is due; one that was solved meanwhile, or that a person has, needs none."""
    head, _ = need_head(records, tenant, due.conversation)
    if owner_kind(head.owner) == "ai" and head.status not in DONE:
        store_follow_up(records, tenant, due.conversation, head, due.body["turn"], AGAIN, now)
    return ()
