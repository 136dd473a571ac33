"""A hold: while a person has a conversation, no effect of it starts. Written before the head changes (I23)."""

from __future__ import annotations

from shared.conversations.keys import digest, money_partition
from shared.ports.records import Batch, Delete, Put, Records


def hold_row(conversation: str) -> str:
    return f"HOLD|{digest(conversation)}"


def set_hold(records: Records, tenant: str, conversation: str, operator: str) -> None:
    """Stop every effect of a conversation that has not been sent yet."""
    body = {"conversation": conversation, "operator": operator}
    records.write(Batch(money_partition(tenant), (Put(hold_row(conversation), body),)))


def clear_hold(records: Records, tenant: str, conversation: str) -> None:
    """Let effects of a conversation run again."""
    records.write(Batch(money_partition(tenant), (Delete(hold_row(conversation)),)))
