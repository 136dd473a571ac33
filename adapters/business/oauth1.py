"""OAuth 1.0a's Authorization header, signed by HMAC-SHA256 (RFC 5849 §3.4; a token's own secret in the key)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field, fields
from urllib.parse import quote, urlsplit

from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Token:
    """A consumer's and a token's ids and secrets, and the account that they are of."""

    account: str
    consumer_key: str
    token: str
    consumer_secret: str = field(repr=False)
    token_secret: str = field(repr=False)


def read_token(secret: bytes) -> Token:
    """A token stored as a JSON object of exactly Token's fields; raises Misconfigured, which does not quote it."""
    names = {each.name for each in fields(Token)}
    try:
        told = json.loads(secret)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.keys() != names or not all(isinstance(each, str) for each in told.values()):
        # Raised outside the handler: a parse error carries the text it could not read.
        raise Misconfigured(f"the token is to be stored as a JSON object of texts: {', '.join(sorted(names))}")
    return Token(**told)


def authorise(token: Token, method: str, url: str, query: dict[str, str], nonce: str, seconds: int) -> str:
    """The header's value for a request whose body is not a form, which alone would be signed with it."""
    said = {
        "oauth_consumer_key": token.consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(seconds),
        "oauth_token": token.token,
        "oauth_version": "1.0",
    }
    said["oauth_signature"] = sign(token, method, url, {**query, **said})
    parts = ", ".join(f'{name}="{escape(value)}"' for name, value in said.items())
    return f'OAuth realm="{escape(token.account)}", {parts}'


def sign(token: Token, method: str, url: str, parameters: dict[str, str]) -> str:
    """The signature of a request's base string."""
    pairs = sorted((escape(name), escape(value)) for name, value in parameters.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    parts = urlsplit(url)
    base = "&".join((method, escape(f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"), escape(joined)))
    key = f"{escape(token.consumer_secret)}&{escape(token.token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), hashlib.sha256)).decode()


def escape(text: str) -> str:
    """Percent-encoding of RFC 5849 §3.6: all but letters, digits and `-._~`."""
    return quote(text, safe="-._~")
