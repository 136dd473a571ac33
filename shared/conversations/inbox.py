"""Messages of a conversation: stored once under their business identity, read back for the turn that answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.conversations.keys import conversation_partition, message_row
from shared.domain.events import MESSAGE_RECEIVED
from shared.errors import Conflict, InvalidInput, NotFound
from shared.ports.records import ABSENT, Batch, Event, Put, Records

if TYPE_CHECKING:  # a function without the vault ships and loads no cryptography
    from shared.privacy.vault import Vault

INLINE_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message in. `subject_key` names whose key seals its text: the customer's or an anonymous sender's.

    `kind` is `customer` (a person wrote), `decision` (an operator decided) or `follow_up` (we promised to come back).
    `document` points to what is too large for a row. `at` is epoch milliseconds, `priority` what the sender asked for.
    """

    id: str
    conversation: str
    kind: str
    channel: str
    source: str
    at: int
    subject_key: str
    customer: str = ""
    sealed: str = ""
    mail: dict[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    document: str = ""
    priority: str = ""
    decision: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageText:
    """What is sealed: the words, and who they say they are from."""

    text: str
    subject: str = ""
    from_: str = ""


def store_message(records: Records, tenant: str, message: Message, *, ignored: str = "") -> bool:
    """Store a message with its event; False where it was there already (F1, F2: a repeat is a no-op).

    A message that is `ignored` (an auto-reply) is kept with its reason and starts nothing.
    """
    body = {name: getattr(message, name) for name in Message.__slots__}
    body |= {"attachments": list(message.attachments), "ignored": ignored}
    events = () if ignored else (received(tenant, message),)
    partition = conversation_partition(tenant, message.conversation)
    try:
        records.write(Batch(partition, (Put(message_row(message.id), body, ABSENT),), events))
    except Conflict:
        return False
    return True


def check_repeat(records: Records, tenant: str, message: Message) -> None:
    """A repeat says the same; raises InvalidInput where the id was used for other words or by somebody else (T37)."""
    row = records.get(conversation_partition(tenant, message.conversation), message_row(message.id))
    same = row is not None and (row.body["subject_key"], row.body["sealed"]) == (message.subject_key, message.sealed)
    if not same:
        raise InvalidInput(
            "this id was used for another message", field="id", limit="one message for each id", action="send a new id"
        )


def received(tenant: str, message: Message) -> Event:
    where = {"tenant": tenant, "conversation": message.conversation, "message": message.id, "at": message.at}
    return Event(f"{message.conversation}-{message.id}", MESSAGE_RECEIVED, where)


def read_messages(records: Records, tenant: str, conversation: str, ids: Sequence[str]) -> tuple[Message, ...]:
    """The messages of a turn in the order in which they were received; raises NotFound for one that is not there."""
    partition = conversation_partition(tenant, conversation)
    rows = [records.get(partition, message_row(each)) for each in ids]
    if not all(rows):
        raise NotFound("a message of this turn is missing", field="message", action="check the store")
    return tuple(sorted((message_from_body(row.body) for row in rows if row), key=lambda m: (m.at, m.id)))


def message_from_body(body: dict[str, Any]) -> Message:
    known = {name: body[name] for name in Message.__dataclass_fields__ if name in body}
    return Message(**known | {"attachments": tuple(body["attachments"])})


def seal_text(vault: Vault, tenant: str, subject_key: str, text: MessageText) -> str:
    return vault.seal(tenant, subject_key, {"text": text.text, "subject": text.subject, "from": text.from_})


def open_text(vault: Vault, tenant: str, message: Message) -> MessageText:
    """What the customer wrote; empty for a message without words (a decision)."""
    if not message.sealed:
        return MessageText("")
    value = vault.open(tenant, message.subject_key, message.sealed)
    return MessageText(value["text"], value["subject"], value["from"])
