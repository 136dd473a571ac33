"""Mails that SES has received: read from the bucket where it put them, with what it found out about each."""

from __future__ import annotations

import base64
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.envelopes import StoredMail
from adapters.aws.errors import translated
from adapters.aws.verdicts import read_envelope
from shared.conversations.mail_documents import MAX_BYTES, mail_folder
from shared.ports.documents import Documents

SOURCE = "ses"


def read_arriving(clients: Clients, documents: Documents, stored: StoredMail, tenant: str) -> dict[str, Any]:
    """What `intake.email` takes; the copy in SES's bucket may then go. One over 10 MB goes to the documents first."""
    with translated("s3", writes=False):
        raw = clients.of("s3").get_object(Bucket=stored.bucket, Key=stored.key)["Body"].read()
    arriving = {"tenant": tenant, "envelope": read_envelope(raw), "source": SOURCE}
    if len(raw) <= MAX_BYTES:
        return arriving | {"raw": base64.b64encode(raw).decode()}
    document = f"{mail_folder(tenant, SOURCE)}/{stored.key.rpartition('/')[2]}"
    documents.put(document, raw)
    return arriving | {"document": document}
