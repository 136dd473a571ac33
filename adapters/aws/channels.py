"""The way out: mail by SES; the other channels are read from the committed turn (H1, H2)."""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import code_of, translated
from adapters.aws.settings import AwsSettings
from shared.errors import InvalidInput, Misconfigured, Throttled, Unavailable, Unsupported
from shared.ports.channels import Outgoing

KEY_TAG, TENANT_TAG = "supportmax-key", "supportmax-tenant"  # a key is its own within its tenant
LONGEST_KEY = 192  # in bytes: a tag's value has 256 characters
MOST_REFERENCES = 20
NOT_VERIFIED = "not verified"  # how SES says that it knows the sender, or in its sandbox the receiver, not yet
_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel behaves: whether it drops a repeated key, and whether anything is sent at all."""

    deduplicates: bool
    sends: bool


WAYS = {
    "email": Way(deduplicates=False, sends=True),
    "chat": Way(deduplicates=True, sends=False),
    "api": Way(deduplicates=True, sends=False),
    "mobile": Way(deduplicates=True, sends=False),
    "phone": Way(deduplicates=True, sends=False),
    "social": Way(deduplicates=True, sends=False),
}


class IdsHeader(UnstructuredHeader, BaseHeader):
    """A list of Message-IDs, one a line: the standard library would encode a long one, and nobody finds it then."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header as it is sent."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


class AwsChannels:
    """The `channels` port. SES drops no duplicate, and the SDK tries a mail once (adapters/aws/clients.py)."""

    def __init__(self, clients: Clients, settings: AwsSettings) -> None:
        self._clients = clients
        self._from, self._configuration = settings.mail_from, settings.mail_configuration

    def deduplicates(self, channel: str) -> bool:
        """Whether `channel` drops a second message with the same key (H2)."""
        return _way(channel).deduplicates

    def send(self, message: Outgoing) -> None:
        """Hand a mail to SES (H1), which tells what became of it in events that carry the key as a tag.

        Raises InvalidInput for an address that is none, and Misconfigured where SES may not send to or from it.
        """
        if not _way(message.channel).sends:
            return
        mail = write_mail(message, self._from)
        request = {
            "FromEmailAddress": self._from,
            "Destination": {"ToAddresses": [str(mail["To"])]},
            "Content": {"Raw": {"Data": mail.as_bytes()}},
            "ConfigurationSetName": self._configuration,
            "EmailTags": [
                {"Name": name, "Value": tag_of(value)}
                for name, value in ((KEY_TAG, message.key), (TENANT_TAG, message.tenant))
                if value or name == KEY_TAG
            ],
        }
        try:
            self._send(request)
        except Throttled as error:
            raise Unavailable(f"SES takes no mail now: {error}") from error

    def _send(self, request: dict[str, Any]) -> None:
        with translated("sesv2", writes=True):
            try:
                self._clients.of("sesv2").send_email(**request)
            except ClientError as error:
                if code_of(error) == "MessageRejected" and NOT_VERIFIED in str(error):
                    raise Misconfigured(
                        "SES has not verified this sender, or is in its sandbox: verify the domain in this region and "
                        "ask for production access"
                    ) from error
                raise


def write_mail(message: Outgoing, sender: str) -> EmailMessage:
    """The mail of a reply; no field of it can add a header.

    SES replaces the Message-ID by its own, so ours also ends the References, which an answer repeats.
    """
    mail = EmailMessage(policy=SMTP.clone(header_factory=_headers()))
    mail["From"] = sender
    mail["To"] = check_address("to", message.to)
    mail["Subject"] = _CONTROL.sub(" ", message.subject).strip()
    mail["Auto-Submitted"] = "auto-replied"
    answered, own = _ids(message.in_reply_to)[-1:], _ids(message.message_id)[:1]
    if message.reply_to:
        mail["Reply-To"] = check_address("reply_to", message.reply_to)
    for name, ids in (
        ("Message-ID", own),
        ("In-Reply-To", answered),
        ("References", [*_ids(message.references)[-MOST_REFERENCES:], *own]),
    ):
        if ids:
            mail[name] = " ".join(ids)
    mail.set_content(message.text.encode("utf-8", "replace").decode(), cte="quoted-printable")
    return mail


@functools.cache
def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, IdsHeader)
    return registry


def check_address(field: str, address: str) -> str:
    """One address as SES takes it, its domain in ASCII; raises InvalidInput."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        limit = "one address, name@domain, its name in ASCII"
        raise InvalidInput("not an address to send to", field=field, limit=limit, action="mend the address")
    return f"{local}@{ascii_domain}"


def tag_of(key: str) -> str:
    """A key or a tenant in the letters that a tag of SES may have; `read_tag` is its inverse."""
    content = key.encode()
    if not 0 < len(content) <= LONGEST_KEY:
        raise InvalidInput("a key", field="key", limit=f"1 to {LONGEST_KEY} bytes", action="give a shorter key")
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def read_tag(value: str) -> str:
    """The key that a tag stands for; raises InvalidInput for one that is not ours."""
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidInput("not our tag", field="tags", limit="base64url", action="ignore this event") from error


def _way(channel: str) -> Way:
    try:
        return WAYS[channel]
    except KeyError as error:
        raise Unsupported(f"sending on channel {channel}") from error


def _ids(header: str) -> list[str]:
    """The Message-IDs of a header; whatever else a stranger wrote there is left out."""
    return [word for word in header.split() if _ID.fullmatch(word)]
