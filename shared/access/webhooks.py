"""Signed webhooks by the Standard Webhooks scheme: who sent this body, and is it fresh?

The signature covers `id.timestamp.body` as bytes. Two secrets are active while one is rotated out, and every one is
tried against every signature, so that neither the time taken nor the refusal tells which part was wrong.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.errors import InvalidInput, NotAuthenticated, NotFound, TooLarge
from shared.ports.clock import Clock
from shared.ports.secrets import Secrets

MAX_BYTES = 64 * 1024
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 10
# No dot: the parts of what is signed could be told apart in two ways.
IDENTITY = re.compile(r"[A-Za-z0-9_:-]{1,200}", re.ASCII)
SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
TENANT = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
# No dash: the secret's name could be told apart in two ways, and one tenant's secret would open another's door.
SOURCE = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)
PREFIX = b"whsec_"


class BodyTooLarge(TooLarge, InvalidInput):
    """More bytes than a webhook may have; not even hashed."""

    code = "body_too_large"


@dataclass(frozen=True, slots=True)
class Signed:
    """A webhook whose sender is known; `id` is the same for every delivery of it."""

    id: str
    at: int


def verify_webhook(
    secrets: Secrets, clock: Clock, tenant: str, source: str, headers: Mapping[str, str], body: bytes
) -> Signed:
    """The webhook's identity and time in epoch seconds.

    Raises BodyTooLarge over 64 KB, and NotAuthenticated for a header that is missing, a time more than five minutes
    away, a source without a secret, and a signature that none of its secrets made.
    """
    if len(body) > MAX_BYTES:
        raise BodyTooLarge("the body is too large", field="body", limit=f"{MAX_BYTES} bytes", action="send less")
    named = {name.lower(): value for name, value in headers.items()}
    identity = _read(named, "webhook-id", IDENTITY)
    seconds = _read(named, "webhook-timestamp", SECONDS)
    if abs(clock.now() / 1000 - int(seconds)) > TOLERANCE_SECONDS:
        raise _refuse("webhook-timestamp", f"{TOLERANCE_SECONDS} seconds from now", "sign it again with the time now")
    expected = [sign(secret, identity, seconds, body) for secret in _read_secrets(secrets, tenant, source)]
    if not _is_among(expected, _decode_signatures(named.get("webhook-signature", ""))):
        raise _refuse("webhook-signature", "made with an active secret", "check the secret and sign the bytes as sent")
    return Signed(identity, int(seconds))


def _is_among(expected: Sequence[bytes], given: Sequence[bytes]) -> bool:
    """Whether any signature is right; all are compared, so that the time taken tells nothing."""
    return any([hmac.compare_digest(mine, theirs) for mine in expected for theirs in given])


def sign(secret: bytes, identity: str, seconds: str, body: bytes) -> bytes:
    """The signature's bytes; a secret in the `whsec_` form is decoded first."""
    key = base64.b64decode(secret[len(PREFIX) :]) if secret.startswith(PREFIX) else secret
    return hmac.new(key, b".".join((identity.encode(), seconds.encode(), body)), hashlib.sha256).digest()


def sign_headers(secret: bytes, identity: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a webhook that we send; `at` is epoch seconds."""
    signature = base64.b64encode(sign(secret, identity, str(at), body)).decode("ascii")
    return {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


def secret_name(tenant: str, source: str) -> str:
    """Where a source's secrets are kept; raises NotAuthenticated for a name that could be mistaken for another's."""
    if not TENANT.fullmatch(tenant) or not SOURCE.fullmatch(source):
        raise _refuse("source", "letters, digits and _", "check the address that the webhook is sent to")
    return f"webhook-{tenant}-{source}"


def _read_secrets(secrets: Secrets, tenant: str, source: str) -> Sequence[bytes]:
    """The active secrets; none where the source is unknown, which then looks like a bad signature."""
    try:
        return secrets.get(secret_name(tenant, source))
    except NotFound:
        return ()


def _read(headers: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not form.fullmatch(value):
        raise _refuse(name, form.pattern, f"send the header {name}")
    return value


def _decode_signatures(header: str) -> list[bytes]:
    """The v1 signatures of a header; during a rotation the sender gives one for each secret."""
    found = []
    for entry in header[:2_000].split()[:MOST_SIGNATURES]:
        version, _, encoded = entry.partition(",")
        if version == "v1" and encoded.isascii():
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except binascii.Error:
                continue
    return found


def _refuse(field: str, limit: str, action: str) -> NotAuthenticated:
    return NotAuthenticated("this webhook cannot be trusted", field=field, limit=limit, action=action)
