"""Delivery of a committed reply: what is sent, to whom, and under which address it may be answered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.conversations.head import need_head
from shared.conversations.inbox import Message, open_text, read_messages
from shared.conversations.keys import conversation_partition
from shared.errors import Conflict, NotFound
from shared.ports.records import Records
from shared.ports.secrets import Secrets

if TYPE_CHECKING:  # what delivers takes the vault; what only reads marks starts without its cryptography
    from shared.privacy.vault import Vault

REPLY_SECRET = "reply-token"  # noqa: S105 - the secret's name, not the secret


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply ready to leave; `key` is the same for every try of it."""

    tenant: str
    conversation: str
    key: str
    channel: str
    to: str
    subject: str
    text: str
    in_reply_to: str
    references: str
    reply_to: str


def read_letter(
    records: Records, vault: Vault, secrets: Secrets, tenant: str, conversation: str, row_name: str, domain: str
) -> Letter | None:
    """The words of a committed row, addressed to whoever wrote last; None where there is nothing to say.

    `domain` is the company's own, to which answers come.
    """
    row = records.get(conversation_partition(tenant, conversation), row_name)
    if row is None or not row.body["sealed"]:
        return None
    head, _ = need_head(records, tenant, conversation)
    last = read_messages(records, tenant, conversation, (*head.answered, *head.arrived)[-1:])[0]
    text = str(vault.open(tenant, last.subject_key, row.body["sealed"])["reply"])
    if not text:
        return None
    wrote = open_text(vault, tenant, last)
    return Letter(
        tenant=tenant,
        conversation=conversation,
        key=f"{conversation}-{row_name}",
        channel=head.channel,
        to=wrote.from_,
        subject=answer_subject(wrote.subject),
        text=text,
        in_reply_to=last.mail.get("message_id", ""),
        references=_references(last),
        reply_to=f"reply+{reply_token(secrets, tenant, conversation)}@{domain}",
    )


def answer_subject(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()


def reply_token(secrets: Secrets, tenant: str, conversation: str) -> str:
    """`<conversation>.<hmac>`: an address that only we can have made names its conversation."""
    return f"{conversation}.{_sign(_reply_secrets(secrets)[0], tenant, conversation)}"


def read_reply_token(secrets: Secrets, tenant: str, token: str) -> str:
    """The conversation that a reply token names, or nothing where it is not ours; constant time."""
    conversation, _, signature = token.rpartition(".")
    given = signature.encode()
    good = [hmac.compare_digest(_sign(each, tenant, conversation).encode(), given) for each in _reply_secrets(secrets)]
    return conversation if conversation and any(good) else ""


def _reply_secrets(secrets: Secrets) -> Sequence[bytes]:
    """The active secrets, newest first; the first one is made with the first reply."""
    try:
        return secrets.get(REPLY_SECRET)
    except NotFound:
        with suppress(Conflict):  # another worker made it first: theirs counts
            from shared.privacy.vault import random_key

            secrets.create(REPLY_SECRET, random_key())
        return secrets.get(REPLY_SECRET)


def _sign(secret: bytes, tenant: str, conversation: str) -> str:
    return hmac.new(secret, f"{tenant}|{conversation}".encode(), hashlib.sha256).hexdigest()[:24]


def _references(last: Message) -> str:
    return " ".join(part for part in (last.mail.get("references", ""), last.mail.get("message_id", "")) if part)
