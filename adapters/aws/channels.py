"""The way out: mail by SES; the other channels are read from the committed turn (H1, H2)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import code_of, translated
from adapters.aws.settings import AwsSettings
from shared.errors import InvalidInput, Misconfigured, Throttled, Unavailable, Unsupported
from shared.ports.channels import Outgoing

KEY_TAG, TENANT_TAG = "supportmax-key", "supportmax-tenant"  # a key is its own within its tenant
LONGEST_KEY = 192  # in bytes: a tag's value has 256 characters
NOT_VERIFIED = "not verified"  # how SES says that it knows the sender, or in its sandbox the receiver, not yet


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
        from adapters.aws.letters import write_mail  # only who sends a mail pays for loading it

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
