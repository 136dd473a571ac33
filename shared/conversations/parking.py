"""Parking: a message that no machine may answer opens a conversation that an operator sees at once, in one write."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from shared.conversations.head import head_to_body
from shared.conversations.inbox import Message
from shared.conversations.keys import HEAD, conversation_partition, handoff_row, message_row, ticket_id, turn_row
from shared.domain.conversation import Head, end_turn
from shared.domain.events import ALERT_RAISED, ESCALATION_OPENED, MESSAGE_PARKED, TURN_COMMITTED
from shared.errors import Conflict
from shared.ports.records import ABSENT, Batch, Body, Event, Put, Records

if TYPE_CHECKING:  # a function without the vault ships and loads no cryptography
    from shared.privacy.vault import Vault

SHOWN_CHARACTERS = 600
# Why a message is parked, as the operator reads it.
WHY = {
    "broken_mail": "The mail is broken beyond what can be read within the limits; the raw mail is kept.",
    "no_sender": "The mail names no sender whom one could answer.",
    "nothing_readable": "The mail has no words, no subject and no attachment that could be read.",
    "too_large": "The mail is over 10 MB; its beginning was read, and the raw mail is kept with all its files.",
    "virus": "The mail server found malware in the mail; the raw mail and its attachments are kept, unopened.",
    "too_many_today": "This sender had as many automatic answers today as one may have; perhaps it is a machine.",
}
ASK_AGAIN = "Thank you for writing to us. We could not read your mail; please send it again as plain text."
SUGGESTED = {
    "no_sender": "Look at the raw mail: if a person wrote it, answer them under the address that they give.",
    "too_large": "Read the raw mail, or ask the customer to send large files by a link.",
    "virus": "Open no attachment. If a person wrote this, ask them to write again without it.",
    "too_many_today": "Read the sender's mails of today. If a person wrote them, take the conversation and answer.",
}
ROW = turn_row(1, 1)
UNREAD: Body = {"category": "general", "priority": "P2", "sentiment": "neutral", "intents": []}
NOTHING: Body = {"sealed": "", "language": "en", "suspicious": False, "agents": [], "actions": [], "citations": []}
NOTHING |= {"tried": [], "resume": [], "confidence": 0, "brain": "playbook", "tells": {}, "before": "", "clarified": 0}


def park_message(records: Records, vault: Vault, tenant: str, message: Message, reason: str, text: str) -> bool:
    """Store a message as the first of a conversation that is nobody's; False where it was there already.

    `text` is what could be read of it. `MessageParked` tells it; too many mails of a sender raise an alert.
    """
    partition = conversation_partition(tenant, message.conversation)
    ticket = ticket_id(message.conversation, 1)
    first = Head(message.customer, message.channel, message.at, n=1, fence=1, ticket=ticket, escalation=1)
    head = end_turn(first, said=ROW, owner="nobody", status="escalated", answered=(message.id,))
    facts: Body = {"outcome": "parked", "reason": reason, "owner": "nobody", "status": "escalated", "ticket": ticket}
    turn = NOTHING | UNREAD | facts | {"n": 1, "fence": 1, "answers": [message.id], "at": message.at, "escalation": 1}
    body = asdict(message) | {"attachments": list(message.attachments), "ignored": ""}
    writes = (
        Put(message_row(message.id), body, ABSENT),
        Put(ROW, turn, ABSENT),
        Put(handoff_row(1), make_handoff(vault, tenant, message, reason, text), ABSENT),
        Put(HEAD, head_to_body(head), ABSENT),
    )
    try:
        records.write(Batch(partition, writes, make_events(tenant, message, facts)))
    except Conflict:
        return False
    return True


def make_handoff(vault: Vault, tenant: str, message: Message, reason: str, text: str) -> Body:
    """What the operator gets: no part empty, the words sealed."""
    rows = [message_row(message.id)]
    said = " ".join(text.split())[:SHOWN_CHARACTERS] or "(nothing that could be read)"
    parts = {
        "summary": f"A message came by {message.channel}: “{said}” The raw one is kept as {message.document}.",
        "history": "It opens a conversation; nothing was said before.",
        "tried": "Nothing was tried: it goes straight to a person.",
        "why": WHY[reason],
        "suggested": SUGGESTED.get(reason, ASK_AGAIN),
    }
    packet = {name: {"text": text, "rows": rows} for name, text in parts.items()}
    routed: Body = {"kind": "person", "reason": reason, "skill": "general", "tier": "bronze", "priority": "P2"}
    routed |= {"effects": [], "silent": True, "turn": ROW, "opened": message.at, "state": "open", "operator": ""}
    return routed | {"subject": message.subject_key, "sealed": vault.seal(tenant, message.subject_key, packet)}


def make_events(tenant: str, message: Message, facts: Body) -> tuple[Event, ...]:
    conversation = message.conversation
    where: Body = {"tenant": tenant, "conversation": conversation, "at": message.at}
    told = where | UNREAD | facts | {"customer": message.customer, "channel": message.channel, "turn": ROW, "n": 1}
    events = [
        Event(f"{conversation}-{ROW}", TURN_COMMITTED, told),
        Event(f"{conversation}-escalation-1", ESCALATION_OPENED, where | {"escalation": 1}),
        Event(f"{conversation}-{message.id}-parked", MESSAGE_PARKED, where | {"reason": facts["reason"]}),
    ]
    if facts["reason"] == "too_many_today":
        events.append(Event(f"{conversation}-too-many", ALERT_RAISED, where | {"type": "too_many_mails"}))
    return tuple(events)
