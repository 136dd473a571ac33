"""The head of a conversation in `records`: read it, and change it only under the version that was read."""

from __future__ import annotations

from typing import Any

from shared.conversations.keys import HEAD, conversation_partition
from shared.domain.conversation import Head
from shared.errors import NotFound
from shared.ports.records import ABSENT, Batch, Event, Put, Records, Version, Write


def read_head(records: Records, tenant: str, conversation: str) -> tuple[Head | None, Version]:
    """The head and its version; (None, ABSENT) for a conversation that nobody has started."""
    row = records.get(conversation_partition(tenant, conversation), HEAD)
    return (None, ABSENT) if row is None else (head_from_body(row.body), row.version)


def need_head(records: Records, tenant: str, conversation: str) -> tuple[Head, Version]:
    """The head; raises NotFound naming the field."""
    head, version = read_head(records, tenant, conversation)
    if head is None:
        raise NotFound("no such conversation", field="conversation_id", limit="one of yours", action="check the id")
    return head, version


def write_head(
    records: Records,
    tenant: str,
    conversation: str,
    head: Head,
    condition: Version,
    *,
    events: tuple[Event, ...] = (),
    also: tuple[Write, ...] = (),
) -> Version:
    """Store the head under `condition` with its events; raises Conflict."""
    batch = Batch(
        conversation_partition(tenant, conversation), (Put(HEAD, head_to_body(head), condition), *also), events
    )
    return records.write(batch)[HEAD]


def head_to_body(head: Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in Head.__slots__}


def head_from_body(body: dict[str, Any]) -> Head:
    known = {name: body[name] for name in Head.__dataclass_fields__ if name in body}
    return Head(**known | {"arrived": tuple(body["arrived"]), "answered": tuple(body["answered"])})
