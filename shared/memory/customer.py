"""What is remembered of a customer: their tickets, and the last known answers of systems that may be down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.conversations.keys import customer_partition
from shared.ports.records import Batch, Put, Records
from shared.privacy.vault import Vault

MOST_TICKETS = 50


@dataclass(frozen=True, slots=True)
class PastTicket:
    """One line of a customer's history, kept by analytics.project."""

    ticket: str
    status: str
    intents: tuple[str, ...]
    at: int
    conversations: tuple[str, ...] = ()


def read_history(records: Records, tenant: str, customer: str) -> tuple[PastTicket, ...]:
    """The customer's last 50 tickets, the one opened last first; one read that does not grow with them."""
    rows = records.query(customer_partition(tenant, customer), prefix="TICKET|", limit=MOST_TICKETS)
    return tuple(
        PastTicket(
            row.body["ticket"],
            row.body["status"],
            tuple(row.body["intents"]),
            row.body["at"],
            tuple(row.body["conversations"]),
        )
        for row in rows
    )


def count_same(history: Sequence[PastTicket], intent: str, conversation: str) -> int:
    """How many earlier tickets of other conversations were about this intent."""
    return sum(intent in past.intents and conversation not in past.conversations for past in history)


def find_open_ticket(history: Sequence[PastTicket], intents: Sequence[str]) -> str:
    """The customer's open ticket about one of these intents, or nothing."""
    unfinished = (past for past in history if past.status not in ("resolved", "closed"))
    return next((past.ticket for past in unfinished if set(past.intents) & set(intents)), "")


def remember_answer(
    records: Records, vault: Vault, tenant: str, customer: str, tool: str, facts: dict[str, Any]
) -> None:
    """Keep a system's answer for the day on which it cannot be asked."""
    body = {"sealed": vault.seal(tenant, customer, {name: facts[name] for name in facts if name != "handles"})}
    records.write(Batch(customer_partition(tenant, customer), (Put(f"KNOWN|{tool}", body),)))


def recall_answer(records: Records, vault: Vault, tenant: str, customer: str, tool: str) -> dict[str, Any] | None:
    """The last answer that was kept, or None."""
    row = records.get(customer_partition(tenant, customer), f"KNOWN|{tool}")
    if row is None:
        return None
    found: dict[str, Any] = vault.open(tenant, customer, row.body["sealed"])
    return found
