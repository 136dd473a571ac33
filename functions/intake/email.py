"""Take in one mail: kept raw, stored once, in its thread; answered only where a machine may answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.company.company import Company
from shared.conversations.identity import Sender, find_sender
from shared.conversations.inbox import Message, MessageText, seal_text, store_message
from shared.conversations.keys import conversation_id, message_id
from shared.conversations.mail_documents import keep_attachments, keep_raw, keep_text, mail_folder, take_raw
from shared.conversations.parking import park_message
from shared.ports.business_systems import BusinessSystems
from shared.ports.clock import Clock
from shared.ports.documents import Documents
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import Vault
from shared.understanding.mail_arrival import Arrival, Envelope, read_arrival
from shared.understanding.mail_placing import place_mail


@dataclass(frozen=True, slots=True)
class MailArriving:
    """A raw mail: the name of the `document` that holds it, or `raw` in base64; `source` is the way it came."""

    tenant: str
    document: str = ""
    raw: str = ""
    envelope: Envelope = field(default_factory=Envelope)
    source: str = "smtp"


@dataclass(frozen=True, slots=True)
class MailReceived:
    """Where the mail went; `ignored` or `parked` say why no machine answers it, `new` is False for a repeat."""

    conversation: str
    message: str
    new: bool
    ignored: str = ""
    parked: str = ""


def handle(
    arriving: MailArriving,
    *,
    records: Records,
    documents: Documents,
    vault: Vault,
    secrets: Secrets,
    clock: Clock,
    business_systems: BusinessSystems,
    company: Company,
) -> MailReceived:
    """Store the mail and its event, or park it for an operator; raises InvalidInput before anything is kept."""
    raw = take_raw(documents, arriving.document, arriving.raw)
    mail, now, tenant = read_arrival(raw, arriving.envelope, company.identity.mail_domain), clock.now(), arriving.tenant
    message = message_id(tenant, "email", mail.identity)
    sender = _identify(business_systems, tenant, mail, conversation_id(message))
    place = place_mail(records, secrets, tenant, mail, message, sender.subject_key, now)
    folder = mail_folder(tenant, message)
    kept = Message(
        message, place.conversation, "customer", "email", arriving.source, now, sender.subject_key, sender.customer,
        sealed=seal_text(vault, tenant, sender.subject_key, MessageText(mail.text, mail.subject, mail.address)),
        mail=mail.headers() | {"text": keep_text(documents, folder, mail.whole, mail.text)},
        attachments=keep_attachments(documents, folder, mail.attachments),
        document=keep_raw(documents, folder, arriving.document, raw),
    )  # fmt: skip
    if place.parked:
        new = park_message(records, vault, tenant, kept, place.parked, mail.text)
    else:
        new = store_message(records, tenant, kept, ignored=place.ignored)
    return MailReceived(place.conversation, message, new, place.ignored, place.parked)


def _identify(business_systems: BusinessSystems, tenant: str, mail: Arrival, conversation: str) -> Sender:
    found = {} if not mail.proven else business_systems.read("accounts", "customer_by_email", {"email": mail.address})
    return find_sender(tenant, found.get("customer", ""), mail.address, conversation)
