"""Signing a webhook as its sender would: for the demo and for trying one out on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac

from adapters.local.provider import LocalProvider
from shared.errors import NotFound


def sign_webhook(provider: LocalProvider, tenant: str, source: str, own_id: str, body: bytes) -> dict[str, str]:
    """Headers of a Standard Webhooks delivery, under the source's newest secret (made where there is none)."""
    stamp = str(provider.clock.now() // 1000)
    signed = f"{own_id}.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(_secret(provider, tenant, source), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": own_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


def _secret(provider: LocalProvider, tenant: str, source: str) -> bytes:
    name = f"webhook-{tenant}-{source}"
    try:
        return provider.secrets.get(name)[0]
    except NotFound:
        provider.secrets.put(name, provider.ids.new("whsec").encode())
        return provider.secrets.get(name)[0]
