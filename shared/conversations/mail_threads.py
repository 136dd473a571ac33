"""Which conversation a mail belongs to: by our reply address, then by the mails it answers, never by its subject.

A mail joins a conversation only as the person whose conversation it is: a forged sender who knows a Message-ID, or to
whom our reply was forwarded, opens a conversation of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.conversations.delivery import read_reply_token
from shared.conversations.keys import conversation_partition, digest
from shared.errors import Conflict, NotFound
from shared.ports.records import ABSENT, Batch, Put, Records
from shared.ports.secrets import Secrets

MOST_LOOKUPS = 20
TOKEN = re.compile(r"<?reply\+([a-zA-Z0-9_-]{1,100}\.[0-9a-f]{24})@", re.ASCII)
SENT = re.compile(r"<([a-zA-Z0-9_-]{1,100})-[A-Z]+\.[0-9a-f.]+@[^@<>\s]+>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a mail of the person `subject_key` went; `ignored` or `parked` say why no machine answers it there."""

    conversation: str
    subject_key: str
    ignored: str = ""
    parked: str = ""


def find_thread(
    records: Records,
    secrets: Secrets,
    tenant: str,
    subject_key: str,
    recipients: Sequence[str],
    references: Sequence[str],
) -> str:
    """The first conversation of this person that the mail answers, or nothing."""
    for address in recipients[:MOST_LOOKUPS]:
        token = TOKEN.match(address)
        conversation = read_reply_token(secrets, tenant, token[1]) if token else ""
        if conversation and subject_of(records, tenant, conversation) == subject_key:
            return conversation
    for reference in references[:MOST_LOOKUPS]:
        conversation = conversation_of(records, tenant, reference, subject_key)
        if conversation:
            return conversation
    return ""


def conversation_of(records: Records, tenant: str, reference: str, subject_key: str) -> str:
    """This person's conversation with a mail that we sent, known by its id alone, or with one that we received."""
    sent = SENT.fullmatch(reference)
    if sent:
        return sent[1] if subject_of(records, tenant, sent[1]) == subject_key else ""
    rows = records.query(mail_partition(tenant, reference), prefix="PLACED|", limit=MOST_LOOKUPS)
    return next((str(row.body["conversation"]) for row in rows if row.body["subject_key"] == subject_key), "")


def read_placed(records: Records, tenant: str, own_id: str, message: str) -> Placed | None:
    """Where an earlier delivery of this mail went."""
    found = records.get(mail_partition(tenant, own_id), placed_row(message))
    return Placed(**found.body) if found else None


def keep_placed(records: Records, tenant: str, own_id: str, message: str, placed: Placed) -> Placed:
    """Decide it once: a redelivery that finds more mails, or another day, still goes where the first one went."""
    try:
        put = Put(placed_row(message), asdict(placed), ABSENT)
        records.write(Batch(mail_partition(tenant, own_id), (put,)))
    except Conflict:
        return read_placed(records, tenant, own_id, message) or placed
    return placed


def sent_message_id(key: str, domain: str) -> str:
    """The Message-ID of a reply with this delivery key: nobody has to store it to recognise an answer to it."""
    return f"<{key.replace('|', '.')}@{domain}>"


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
    """Where everything about one Message-ID stands, so that looking it up is one query."""
    return f"T|{tenant}|M|{digest(tenant, own_id, size=32)}"


def placed_row(message: str) -> str:
    return f"PLACED|{message}"
