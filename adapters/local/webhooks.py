"""Signing a webhook as its sender would: for the demo and for trying one out on this machine."""

from __future__ import annotations

from adapters.local.provider import LocalProvider
from shared.access.webhooks import secret_name, sign_headers
from shared.errors import NotFound


def sign_webhook(provider: LocalProvider, tenant: str, source: str, own_id: str, body: bytes) -> dict[str, str]:
    """Headers of a delivery now, under the source's newest secret, which is made where there is none."""
    name = secret_name(tenant, source)
    try:
        secret = provider.secrets.get(name)[0]
    except NotFound:
        provider.secrets.put(name, provider.ids.new("secret").encode())
        secret = provider.secrets.get(name)[0]
    return sign_headers(secret, own_id, provider.clock.now() // 1000, body)
