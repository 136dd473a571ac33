"""Claiming a turn: one conditional update of the head, and the payload from which an execution starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.conversations.head import read_head, write_head
from shared.conversations.inbox import INLINE_CHARACTERS, Message, read_messages
from shared.conversations.keys import conversation_partition
from shared.domain import conversation as domain
from shared.domain.conversation import Head, owner_kind
from shared.errors import Conflict, Retry
from shared.ports.records import Records, Version

LEASE_MS = 300_000
CLAIM_TRIES = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of a start.

    `claimed`: run `payload` as `execution`. `joined`: a live turn has the message and its execution is started again
    under the same name, which changes nothing where it runs. `raised`: a live turn will find it. `answered`: nothing
    to do. `died`: the turn has died twice; hand it to an operator.
    """

    state: str
    execution: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


def claim(records: Records, tenant: str, conversation: str, message: str, now: int) -> Claim:
    """Claim a turn for a waiting message, or join the live one; raises Retry where the head kept moving."""
    for _ in range(CLAIM_TRIES):
        try:
            return _claim_once(records, tenant, conversation, message, now)
        except Conflict:
            continue
    raise Retry("the head kept moving")


def _claim_once(records: Records, tenant: str, conversation: str, message: str, now: int) -> Claim:
    head, version = read_head(records, tenant, conversation)
    messages: tuple[Message, ...] = ()
    if head is None:
        messages = read_messages(records, tenant, conversation, [message])
        head = Head(messages[0].customer, messages[0].channel, messages[0].at)
    if was_answered(records, tenant, conversation, head, message):
        return Claim("answered")
    if domain.lease_is_live(head, now):
        return _join(records, tenant, conversation, head, version, message)
    waiting = domain.add_arrival(head, message).arrived
    if head.execution and head.deaths:
        return Claim("died", head.execution)
    if head.execution:
        execution = name_execution(conversation, head.n, head.fence + 1)
        claimed = domain.reclaim_turn(head, execution=execution, lease=now + LEASE_MS)
        claimed = domain.add_arrival(claimed, message)
    else:
        execution = name_execution(conversation, head.n + 1, head.fence + 1)
        claimed = domain.claim_turn(
            domain.reopen(head, now), waiting=waiting, execution=execution, lease=now + LEASE_MS
        )
    write_head(records, tenant, conversation, claimed, version)
    messages = messages if len(waiting) == len(messages) else read_messages(records, tenant, conversation, waiting)
    return Claim("claimed", execution, build_payload(tenant, conversation, claimed, messages))


def _join(records: Records, tenant: str, conversation: str, head: Head, version: Version, message: str) -> Claim:
    if message not in head.arrived:
        write_head(records, tenant, conversation, domain.add_arrival(head, message), version)
        return Claim("raised", head.execution)
    messages = read_messages(records, tenant, conversation, head.arrived)
    return Claim("joined", head.execution, build_payload(tenant, conversation, head, messages))


def was_answered(records: Records, tenant: str, conversation: str, head: Head, message: str) -> bool:
    """Whether a message has its answer already; reads the TURN rows only where the head no longer remembers."""
    if domain.is_answered(head, message):
        return True
    if not domain.forgets(head) or message in head.arrived:
        return False
    rows = records.query(conversation_partition(tenant, conversation), prefix="TURN|")
    return any(message in row.body["answers"] for row in rows)


def name_execution(conversation: str, n: int, fence: int) -> str:
    return f"{conversation}-{n}-{fence}"


def build_payload(
    tenant: str, conversation: str, head: Head, messages: Sequence[Message], again: int = 0
) -> dict[str, Any]:
    """An execution's input: ids, small facts and sealed text (long texts are read from their row)."""
    return {
        "tenant": tenant,
        "conversation": conversation,
        "customer": head.customer,
        "channel": head.channel,
        "subject": messages[0].subject_key,
        "execution": head.execution,
        "owner": owner_kind(head.owner),
        "turn": {"n": head.n, "fence": head.fence, "again": again},
        "messages": [
            {"id": each.id, "kind": each.kind, "at": each.at, "sealed": _inline(each)}
            | {"priority": each.priority, "decision": each.decision}
            for each in messages
        ],
        "known": {
            "ticket": head.ticket,
            "status": head.status,
            "opened": head.opened,
            "clarified": head.clarified,
            "escalation": head.escalation,
            "owner": head.owner,
        },
    }


def _inline(message: Message) -> str:
    return message.sealed if len(message.sealed) <= INLINE_CHARACTERS else ""
