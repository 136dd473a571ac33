"""Which conversation a mail belongs to: by our reply address, then by the mails it answers, never by its subject.

A mail joins a conversation only as the person whose conversation it is: a forged sender who knows a Message-ID, or to
whom our reply was forwarded, opens a conversation of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.conversations.delivery import OWN_DOMAIN, read_reply_token
from shared.conversations.keys import conversation_id, conversation_partition, digest
from shared.errors import Conflict, NotFound
from shared.ports.records import ABSENT, Batch, Body, Put, Records
from shared.ports.secrets import Secrets

MAIL_ROW = "MAIL"
MOST_LOOKUPS = 20
TOKEN = re.compile(r"^<?reply\+([a-zA-Z0-9_-]{1,100}\.[0-9a-f]{24})@", re.ASCII)
SENT = re.compile(rf"^<([a-zA-Z0-9_-]{{1,100}})-[A-Z]+\.[0-9a-f.]+@{re.escape(OWN_DOMAIN)}>$", re.ASCII)


def place_mail(
    records: Records,
    secrets: Secrets,
    tenant: str,
    *,
    own_id: str,
    message: str,
    subject_key: str,
    recipients: Sequence[str],
    references: Sequence[str],
) -> str:
    """The mail's conversation, decided once: a redelivery that finds more mails than the first still joins the same."""
    partition = mail_partition(tenant, own_id)
    placed = read_place(records, partition)
    if placed is None:
        found = find_thread(records, secrets, tenant, subject_key, recipients, references)
        placed = {"conversation": found or conversation_id(message), "subject": subject_key}
        try:
            records.write(Batch(partition, (Put(MAIL_ROW, placed, ABSENT),)))
        except Conflict:
            placed = read_place(records, partition) or placed
    # The same Message-ID from somebody else is another mail.
    return str(placed["conversation"]) if placed["subject"] == subject_key else conversation_id(message)


def find_thread(
    records: Records,
    secrets: Secrets,
    tenant: str,
    subject_key: str,
    recipients: Sequence[str],
    references: Sequence[str],
) -> str:
    """The first conversation of this person that the mail answers, or nothing."""
    for address in recipients:
        token = TOKEN.match(address)
        conversation = read_reply_token(secrets, tenant, token[1]) if token else ""
        if conversation and subject_of(records, tenant, conversation) == subject_key:
            return conversation
    for reference in references[:MOST_LOOKUPS]:
        conversation = conversation_of(records, tenant, reference)
        if conversation and subject_of(records, tenant, conversation) == subject_key:
            return conversation
    return ""


def conversation_of(records: Records, tenant: str, reference: str) -> str:
    """The conversation of a mail that we sent, by its id alone, or of one that we received."""
    sent = SENT.match(reference)
    if sent:
        return sent[1]
    placed = read_place(records, mail_partition(tenant, reference))
    return str(placed["conversation"]) if placed else ""


def sent_message_id(key: str) -> str:
    """The Message-ID of a reply with this delivery key: nobody has to store it to recognise an answer to it."""
    return f"<{key.replace('|', '.')}@{OWN_DOMAIN}>"


def subject_of(records: Records, tenant: str, conversation: str) -> str:
    """Whose key seals a conversation's words; empty where there is no such conversation."""
    rows = records.query(conversation_partition(tenant, conversation), prefix="IN|", limit=1)
    return str(rows[0].body["subject_key"]) if rows else ""


def check_conversation(records: Records, tenant: str, conversation: str, subject_key: str) -> None:
    """Refuse to write into a conversation that does not exist or is another person's; raises NotFound."""
    if subject_of(records, tenant, conversation) != subject_key:
        raise NotFound(
            "no such conversation of this customer",
            field="conversation_id",
            limit="a conversation of the customer_id that is given",
            action="check both, or leave conversation_id out to open a new one",
        )


def mail_partition(tenant: str, own_id: str) -> str:
    return f"T|{tenant}|M|{digest(tenant, own_id, size=32)}"


def read_place(records: Records, partition: str) -> Body | None:
    row = records.get(partition, MAIL_ROW)
    return row.body if row else None
