"""Who wrote: a known customer, or somebody who is nobody's customer until they prove it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.keys import digest


@dataclass(frozen=True, slots=True)
class Sender:
    """`customer` is empty for an unproven sender; `subject_key` names whose key seals their words."""

    customer: str
    subject_key: str


def find_sender(tenant: str, customer: str, address: str, conversation: str) -> Sender:
    """A sender by proven customer id, else by address, else by conversation; an address alone proves nothing (T30)."""
    if customer:
        return Sender(customer, customer)
    return Sender("", f"anon-{digest(tenant, address.strip().lower() or conversation)}")
