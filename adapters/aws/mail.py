"""Mails that SES has received: read from the bucket where it put them, with what it found out about each."""

from __future__ import annotations

import base64
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.envelopes import StoredMail
from adapters.aws.errors import translated
from adapters.aws.verdicts import read_envelope

SOURCE = "ses"


def read_arriving(clients: Clients, stored: StoredMail, tenant: str) -> dict[str, Any]:
    """What `intake.email` takes; the copy in SES's bucket may then go."""
    with translated("s3", writes=False):
        raw = clients.of("s3").get_object(Bucket=stored.bucket, Key=stored.key)["Body"].read()
    encoded = base64.b64encode(raw).decode()
    return {"tenant": tenant, "raw": encoded, "envelope": read_envelope(raw), "source": SOURCE}
