"""Handoffs: the rows that wait for a person, and the decision that ends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.conversations.inbox import Message, store_message
from shared.conversations.keys import conversation_partition, digest, handoff_row
from shared.domain.conversation import Head
from shared.errors import Conflict, NotFound, Retry
from shared.ports.records import Batch, Body, Put, Records, Version

TRIES = 5


@dataclass(frozen=True, slots=True)
class Handoff:
    """A HANDOFF row as it was read."""

    n: int
    body: Body
    version: Version

    @property
    def closed(self) -> bool:
        return bool(self.body["state"] == "closed")


def read_handoff(records: Records, tenant: str, conversation: str, n: int) -> Handoff:
    """One handoff; raises NotFound."""
    row = records.get(conversation_partition(tenant, conversation), handoff_row(n))
    if row is None:
        raise NotFound("no such handoff", field="escalation", limit="one of this conversation", action="check the id")
    return Handoff(n, row.body, row.version)


def list_handoffs(records: Records, tenant: str, conversation: str) -> list[Handoff]:
    """Every handoff of a conversation, oldest first."""
    rows = records.query(conversation_partition(tenant, conversation), prefix="HANDOFF|")
    return [Handoff(int(row.row.split("|")[1]), row.body, row.version) for row in rows]


def find_handoff(records: Records, tenant: str, conversation: str, effect: str) -> Handoff | None:
    """The newest handoff of a conversation that asks for an effect."""
    found = (each for each in reversed(list_handoffs(records, tenant, conversation)) if effect in each.body["effects"])
    return next(found, None)


def change_handoff(records: Records, tenant: str, conversation: str, n: int, change: Callable[[Body], Body]) -> Handoff:
    """Apply `change` to a handoff's body under the version that was read; raises Retry where it kept moving."""
    for _ in range(TRIES):
        found = read_handoff(records, tenant, conversation, n)
        body = change(found.body)
        try:
            versions = records.write(
                Batch(conversation_partition(tenant, conversation), (Put(handoff_row(n), body, found.version),))
            )
        except Conflict:
            continue
        return Handoff(n, body, versions[handoff_row(n)])
    raise Retry("the handoff kept moving")


def close_handoff(records: Records, tenant: str, conversation: str, n: int, decision: str, operator: str) -> Handoff:
    """Record what a person decided; the first decision stands."""

    def change(body: Body) -> Body:
        return body if body["state"] == "closed" else body | {"state": "closed", "decision": decision, "by": operator}

    return change_handoff(records, tenant, conversation, n, change)


def announce_decision(records: Records, tenant: str, conversation: str, head: Head, handoff: Handoff, now: int) -> None:
    """Let the conversation go on from an approver's decision: a message of its own, whose repeat is a no-op."""
    kind = handoff.body["decision"]
    message = digest(conversation, str(handoff.n), "decision")
    decision: dict[str, Any] = {"kind": kind, "resume": handoff.body["turn"]}
    store_message(
        records,
        tenant,
        Message(
            id=message,
            conversation=conversation,
            kind="decision",
            channel=head.channel,
            source="desk",
            at=now,
            subject_key=handoff.body["subject"],
            customer=head.customer,
            decision=decision,
        ),
    )
