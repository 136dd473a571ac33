"""Deliver a committed reply: pushed to whoever listens, and handed to a channel that must carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.access.listeners import find_listeners
from shared.company.company import Company
from shared.conversations.delivery import Letter, read_letter
from shared.conversations.receipts import is_left_alone
from shared.conversations.sending import as_outgoing, mark_sending, mark_sent, note_unclear, note_withheld, unmark
from shared.domain.channels import PUSHED
from shared.domain.events import REPLY_COMMITTED
from shared.errors import Unavailable, Uncertain
from shared.ports.channels import Channels
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Fact:
    """A ReplyCommitted or OperatorReplied event."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """`state`: pushed, sent, already, unclear, withheld or nothing."""

    state: str


def handle(
    fact: Fact,
    *,
    records: Records,
    vault: Vault,
    secrets: Secrets,
    channels: Channels,
    connections: Connections,
    company: Company,
    clock: Clock,
) -> Delivered:
    """Send once: a channel that cannot deduplicate is marked before and after; what is unclear is never retried."""
    tenant, conversation = fact.body["tenant"], fact.body["conversation"]
    letter = read_letter(records, vault, secrets, tenant, conversation, fact.body["turn"], company.identity.mail_domain)
    if letter is None:
        return Delivered("nothing")
    if letter.channel in PUSHED:
        for connection in find_listeners(records, clock, connections, f"{tenant}|{conversation}"):
            connections.push(connection, {"type": "reply", "conversation_id": conversation, "text": letter.text})
        return Delivered("pushed")
    if fact.name == REPLY_COMMITTED and letter.channel == "email" and is_left_alone(records, tenant, letter.to):
        return Delivered(note_withheld(records, letter, clock.now()))
    return Delivered(_carry(records, channels, clock, letter))


def _carry(records: Records, channels: Channels, clock: Clock, letter: Letter) -> str:
    mark = mark_sending(records, letter, clock.now())
    if mark.state == "sent":
        return "already"
    if mark.state == "sending" and not channels.deduplicates(letter.channel):
        return note_unclear(records, letter, mark, clock.now())
    try:
        channels.send(as_outgoing(letter))
    except Unavailable:
        unmark(records, letter, mark)
        raise
    except Uncertain:
        return note_unclear(records, letter, mark, clock.now())
    mark_sent(records, letter, mark, clock.now())
    return "sent"
