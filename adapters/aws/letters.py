"""A reply as a mail: addressed, threaded, marked as a machine's, and without a way to add a header."""

from __future__ import annotations

import functools
import re
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr
from typing import Any

from shared.errors import InvalidInput
from shared.ports.channels import Outgoing

MOST_REFERENCES = 20
_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class IdsHeader(UnstructuredHeader, BaseHeader):
    """A list of Message-IDs, one a line: the standard library would encode a long one, and nobody finds it then."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header as it is sent."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


def write_mail(message: Outgoing, sender: str) -> EmailMessage:
    """The mail of a reply; no field of it can add a header.

    SES replaces the Message-ID by its own, so ours also ends the References, which an answer repeats. Answers come in
    at the domain that this stage sends from, whichever one the reply's own address names.
    """
    mail = EmailMessage(policy=SMTP.clone(header_factory=_headers()))
    mail["From"] = sender
    mail["To"] = check_address("to", message.to)
    mail["Subject"] = _CONTROL.sub(" ", message.subject).strip()
    mail["Auto-Submitted"] = "auto-replied"
    answered, own = _ids(message.in_reply_to)[-1:], _ids(message.message_id)[:1]
    if message.reply_to:
        box = check_address("reply_to", message.reply_to).rpartition("@")[0]
        mail["Reply-To"] = f"{box}@{parseaddr(sender)[1].rpartition('@')[2]}"
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


def _ids(header: str) -> list[str]:
    """The Message-IDs of a header; whatever else a stranger wrote there is left out."""
    return [word for word in header.split() if _ID.fullmatch(word)]
