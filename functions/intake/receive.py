"""Take in one message from chat, the API or a webhook: stored once under its business identity, then answered 202."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.identity import find_sender
from shared.conversations.inbox import Message, MessageText, check_repeat, seal_text, store_message
from shared.conversations.keys import conversation_id, message_id
from shared.conversations.limits import check_message
from shared.conversations.mail_threads import check_conversation, subject_of
from shared.domain.conversation import read_channel
from shared.domain.ticket import read_priority
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class Arriving:
    """A message as its channel hands it over; `own_id` is the channel's own name for it (empty: it has none).

    `customer` is trusted: whoever calls has checked it. `at` is epoch milliseconds, 0 for now.
    """

    tenant: str
    channel: str
    text: str
    own_id: str = ""
    customer: str = ""
    from_: str = ""
    subject: str = ""
    conversation: str = ""
    source: str = "api"
    priority: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """Where the message went; `new` is False for a repeat."""

    conversation: str
    message: str
    new: bool


def handle(arriving: Arriving, *, records: Records, vault: Vault, clock: Clock, ids: Ids) -> Received:
    """Store the message with its event; raises InvalidInput naming the field and its limit, before anything is kept."""
    channel = read_channel(arriving.channel)
    text = check_message(arriving.text, arriving.customer, arriving.conversation)
    message = message_id(arriving.tenant, channel, arriving.own_id or ids.new("m"))
    conversation = arriving.conversation or conversation_id(message)
    sender = find_sender(arriving.tenant, arriving.customer, arriving.from_, conversation)
    if arriving.conversation and subject_of(records, arriving.tenant, conversation):
        check_conversation(records, arriving.tenant, conversation, sender.subject_key)
    stored = Message(
        id=message,
        conversation=conversation,
        kind="customer",
        channel=channel,
        source=arriving.source,
        at=arriving.at or clock.now(),
        subject_key=sender.subject_key,
        customer=sender.customer,
        priority=read_priority(arriving.priority) if arriving.priority else "",
        sealed=seal_text(
            vault, arriving.tenant, sender.subject_key, MessageText(text, arriving.subject, arriving.from_)
        ),
    )
    new = store_message(records, arriving.tenant, stored)
    if not new:
        check_repeat(records, arriving.tenant, stored)
    return Received(conversation, message, new)
