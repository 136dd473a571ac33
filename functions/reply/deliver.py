"""Deliver a committed reply: pushed to whoever listens, and handed to a channel that must carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.conversations.delivery import Letter, mark_sending, mark_sent, note_unclear, read_letter
from shared.conversations.mail_threads import sent_message_id
from shared.errors import Uncertain
from shared.ports.channels import Channels, Outgoing
from shared.ports.clock import Clock
from shared.ports.connections import Connections
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import Vault

PUSHED = ("chat", "mobile")


@dataclass(frozen=True, slots=True)
class Fact:
    """A ReplyCommitted or OperatorReplied event."""

    id: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """`state`: pushed, sent, already, unclear or nothing."""

    state: str


def handle(
    fact: Fact,
    *,
    records: Records,
    vault: Vault,
    secrets: Secrets,
    channels: Channels,
    connections: Connections,
    clock: Clock,
) -> Delivered:
    """Send once: a channel that cannot deduplicate is marked before and after; what is unclear is never retried."""
    tenant, conversation = fact.body["tenant"], fact.body["conversation"]
    letter = read_letter(records, vault, secrets, tenant, conversation, fact.body["turn"])
    if letter is None:
        return Delivered("nothing")
    if letter.channel in PUSHED:
        for connection in connections.members(f"{tenant}|{conversation}"):
            connections.push(connection, {"type": "reply", "conversation_id": conversation, "text": letter.text})
        return Delivered("pushed")
    return Delivered(_carry(records, channels, clock, letter))


def _carry(records: Records, channels: Channels, clock: Clock, letter: Letter) -> str:
    state = mark_sending(records, letter, clock.now())
    if state == "sent":
        return "already"
    if state == "sending" and not channels.deduplicates(letter.channel):
        return note_unclear(records, letter, clock.now())
    try:
        channels.send(
            Outgoing(
                letter.key, letter.channel, letter.to, letter.subject, letter.text,
                in_reply_to=letter.in_reply_to, references=letter.references, reply_to=letter.reply_to,
                message_id=sent_message_id(letter.key),
            )
        )  # fmt: skip
    except Uncertain:
        return note_unclear(records, letter, clock.now())
    mark_sent(records, letter, clock.now())
    return "sent"
