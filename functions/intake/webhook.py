"""Take in one message from another system's webhook: only what is signed, and each delivery once."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from functions.intake.receive import Arriving, Received
from functions.intake.receive import handle as receive
from shared.access.strict_json import read_json
from shared.access.webhook_fields import read_told
from shared.access.webhooks import verify_webhook
from shared.conversations.identity import find_sender
from shared.conversations.limits import check_message
from shared.conversations.mail_threads import check_conversation
from shared.errors import InvalidInput
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True)
class WebhookArriving:
    """A request as it came: `body` is its text, or its exact bytes in base64 where `encoded` says so."""

    tenant: str
    source: str
    body: str
    encoded: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def handle(
    arriving: WebhookArriving, *, records: Records, vault: Vault, secrets: Secrets, clock: Clock, ids: Ids
) -> Received:
    """Verify, read strictly, store; raises NotAuthenticated, InvalidInput or NotFound, and keeps nothing then.

    The vendor's own id names the message, else the webhook's: either is the same in every delivery of it.
    """
    body = _read_bytes(arriving)
    signed = verify_webhook(secrets, clock, arriving.tenant, arriving.source, arriving.headers, body)
    told = read_told(read_json(_read_text(body)))
    check_message(told.text, told.customer_id, told.conversation_id)
    if told.conversation_id:
        sender = find_sender(arriving.tenant, told.customer_id, "", told.conversation_id)
        check_conversation(records, arriving.tenant, told.conversation_id, sender.subject_key)
    message = Arriving(
        tenant=arriving.tenant,
        channel=told.channel,
        text=told.text,
        own_id=f"{arriving.source} {told.id or signed.id}",
        customer=told.customer_id,
        subject=told.subject,
        conversation=told.conversation_id,
        source=arriving.source,
    )
    return receive(message, records=records, vault=vault, clock=clock, ids=ids)


def _read_bytes(arriving: WebhookArriving) -> bytes:
    if not arriving.encoded:
        return arriving.body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(arriving.body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("not base64", field="body", limit="base64", action="encode the request's bytes") from error


def _read_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8", field="body", limit="JSON in UTF-8", action="encode it as UTF-8") from error
