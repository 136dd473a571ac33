"""What a mail that arrived is: who may be answered, whether it may be, and the words that go into the conversation."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace

from shared.conversations.limits import LONGEST_TEXT, UNPRINTABLE, clean_text
from shared.understanding.email_text import split_body
from shared.understanding.mail_headers import find_addresses
from shared.understanding.mime import MAX_BYTES, Attachment, BrokenMail, Mail, read_mail

LONGEST_SUBJECT = 300
READ_OF_LARGE = 1024 * 1024  # headers and words stand before the files
# A row holds 30,000 characters: five thousand of four bytes each, sealed, would not leave room for the rest.
LONGEST_SEALED_BYTES = 15_000
OWN_ID = re.compile(r"[^<>\s]{1,500}")
LONGEST_REFERENCES = 1_000
ANGLED = re.compile(r"<((?:https?://|mailto:)[^<>\s]*|[^<>\s@]+@[^<>\s@]+)>")
NO_MAIL = Mail("", "", (), "", "", "", (), "", "", False, (), False, None, ())


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the receiving server knows of a mail; its verdicts are pass, fail, none and so on, in any case.

    `mail_from` is None where nobody told it and empty for a bounce; `header_from` is the domain that DMARC judged;
    `spam` and `virus` are what a scanner found, empty where none looked.
    """

    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    dmarc: str = ""
    spf: str = ""
    dkim: str = ""
    header_from: str = ""
    spam: str = ""
    virus: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail ready to be kept. `address` is who is answered, and `proven` whether it is known to be theirs.

    `text` fits a row and is the beginning of `whole`. `ignored`: why nobody answers it. `parked`: why only a person
    can. `identity` is the same for each delivery of one mail. `answers` are the mails that it answers, the
    nearest first.
    """

    identity: str
    message_id: str
    references: tuple[str, ...]
    answers: tuple[str, ...]
    recipients: tuple[str, ...]
    address: str
    proven: bool
    subject: str
    text: str
    whole: str
    attachments: tuple[Attachment, ...]
    ignored: str
    parked: str

    def headers(self) -> dict[str, str]:
        """What an answer must quote to stay in the thread: the last references that 1,000 characters hold."""
        room, last = LONGEST_REFERENCES, len(self.references)
        while last and (room := room - len(self.references[last - 1]) - 1) >= 0:
            last -= 1
        return {"message_id": self.message_id, "references": " ".join(self.references[last:])}


def read_arrival(raw: bytes, envelope: Envelope, own_domain: str = "") -> Arrival:
    """Read a raw mail; one that cannot be read is parked with its reason, one that we sent ourselves is ignored. One
    over 10 MB is read in its beginning, without its files, and parked.
    """
    if len(raw) > MAX_BYTES:
        begun = read_arrival(raw[:READ_OF_LARGE], envelope, own_domain)
        return replace(begun, attachments=(), parked=begun.parked or "too_large")
    try:
        mail, broken = (
            read_mail(raw, own_addresses=envelope.rcpt_to, own_domains=(own_domain,) if own_domain else ()),
            "",
        )
    except BrokenMail:
        mail, broken = NO_MAIL, "broken_mail"
    proven = is_proven(mail, envelope)
    address = answer_address(mail, envelope, proven=proven)
    whole = written_text(mail)
    subject = UNPRINTABLE.sub("", mail.subject)[:LONGEST_SUBJECT]
    own_id = read_own_id(mail.message_id)
    return Arrival(
        identity=identify(own_id, raw, f"{address} {proven} {mail.subject}"),
        message_id=own_id,
        references=mail.references,
        answers=tuple(dict.fromkeys(each for each in (mail.in_reply_to, *reversed(mail.references)) if each)),
        recipients=(*envelope.rcpt_to, *mail.to),
        address=address,
        proven=proven,
        subject=subject,
        text=cut_text(whole),
        whole=whole,
        attachments=mail.attachments,
        ignored=why_ignored(mail, envelope, proven=proven),
        parked=broken or why_parked(mail, envelope, address, whole),
    )


def is_proven(mail: Mail, envelope: Envelope) -> bool:
    """Whether the From address is the sender's: DMARC passed for the one address that the mail names (T30).

    A verdict that contradicts its own parts, or that was passed on another domain, proves nothing.
    """
    verdicts = {each.strip().lower() for each in (envelope.spf, envelope.dkim)} - {""}
    domain, judged = mail.from_address.rpartition("@")[2], envelope.header_from.strip().lower()
    passed = envelope.dmarc.strip().lower() == "pass" and (not verdicts or "pass" in verdicts)
    return bool(passed and domain and judged in ("", domain))


def answer_address(mail: Mail, envelope: Envelope, *, proven: bool) -> str:
    """The proven sender, else the envelope's: so that a forged From neither gets an answer nor anybody's words."""
    if proven:
        return mail.from_address
    return next(iter(find_addresses((envelope.mail_from or "")[:320])), "") or mail.from_address


def why_ignored(mail: Mail, envelope: Envelope, *, proven: bool) -> str:
    """The rule that forbids a machine to answer, or nothing; a bounce has an empty envelope sender.

    A scanner errs, so what it calls spam is set aside only where the sender is not proven.
    """
    bounced = envelope.mail_from is not None and not envelope.mail_from.strip("<> ")
    if bounced and not mail.loop:
        return "empty_return_path"
    return mail.loop or ("spam" if failed(envelope.spam) and not proven else "")


def why_parked(mail: Mail, envelope: Envelope, address: str, whole: str) -> str:
    if failed(envelope.virus):
        return "virus"
    if not address:
        return "no_sender"
    return "" if whole.strip() or mail.attachments or mail.subject.strip() else "nothing_readable"


def failed(verdict: str) -> bool:
    return verdict.strip().lower() == "fail"


def written_text(mail: Mail) -> str:
    """What the sender wrote now, without markup; the subject of a mail that says everything in it."""
    written = split_body(mail.text).text if mail.text.strip() else mail.subject
    return clean_text(ANGLED.sub(r"\1", written)).strip()


def cut_text(text: str) -> str:
    """The beginning of a text that a row can hold: 5,000 characters, and 15,000 bytes once written as JSON."""
    cut = text[:LONGEST_TEXT]
    while len(json.dumps(cut, ensure_ascii=False).encode()) > LONGEST_SEALED_BYTES:
        cut = cut[: len(cut) * 9 // 10]
    return cut


def read_own_id(header: str) -> str:
    """The mail's Message-ID in brackets, also where its mailer forgot them; empty where there is none."""
    found = OWN_ID.search(header)
    return f"<{found[0]}>" if found else ""


def identify(own_id: str, raw: bytes, told: str) -> str:
    """The Message-ID with sender, subject and the body's hash; without a Message-ID the whole mail's hash.

    Some mailers use one id for many mails, and whoever saw a mail could send another under its id before it arrives.
    """
    return f"{own_id} {told} {hash_of(body_of(raw))}" if own_id else hash_of(raw)


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def body_of(raw: bytes) -> bytes:
    """Everything after the headers, which every server on the way adds to."""
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1]
