"""Raw mails: bytes in, one frozen `Mail` out, whatever is broken in them, in bounded time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import Compat32

from shared.domain.text import drop_surrogates
from shared.errors import InvalidInput
from shared.understanding.attachments import clean_name, judge_attachment
from shared.understanding.mail_headers import (
    decode,
    decode_bytes,
    find_addresses,
    find_message_ids,
    read_date,
    read_header,
    tidy_sender,
)
from shared.understanding.mail_loops import Sender, is_machine_made, loop_reason

MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 500_000
MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_MULTIPARTS = 200
MAX_WORK = 20_000_000  # lines × boundaries: the parser compares each line with every boundary that is open
MAX_HEADER_LINE = 64 * 1024
BODY_TYPES = ("text/plain", "text/html", "text/enriched", "text/richtext")
# What the standard parser raises on the way through hostile parts, found by fuzzing it.
MALFORMED = (LookupError, ValueError, TypeError, AttributeError, AssertionError, MessageError, RecursionError)


class BrokenMail(InvalidInput):
    """A mail that cannot be read within the limits; an operator must look at the raw one."""

    code = "broken_mail"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; `name` is safe to show, `kind` is sniffed, `blocked` is a reason, None where it is allowed."""

    name: str
    content_type: str
    size: int
    content: bytes
    kind: str
    blocked: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it was read; `from_address` is empty where the mail names no sender, or more than one.

    `loop` is the rule that forbids an automatic answer, or None. `date` is ISO 8601 or empty. `html_only`: `text` was
    made from HTML. `defects` names what was wrong and mended.
    """

    from_: str
    from_address: str
    to: tuple[str, ...]
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: str
    text: str
    html_only: bool
    attachments: tuple[Attachment, ...]
    auto_submitted: bool
    loop: str | None
    defects: tuple[str, ...]


class BoundedHeaders(Compat32):
    """The oldest policy, which interprets nothing, with headers cut to a length that cannot cost time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, _, value = "".join(sourcelines)[:MAX_HEADER_LINE].partition(":")
        return name, value.lstrip(" \t").rstrip("\r\n")

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


def read_mail(raw: bytes, *, own_addresses: Collection[str] = (), own_domains: Collection[str] = ()) -> Mail:
    """Read a raw mail; `own_*` are the platform's own, so that it recognises itself.

    Raises InvalidInput over 10 MB and BrokenMail where the structure is beyond the limits.
    """
    message = parse(raw)
    parts = list(leaf_parts(message))
    text, html_only = read_body(parts)
    senders = find_senders(message)
    from_address = senders[0] if len(set(senders)) == 1 else ""
    sender = Sender(from_address, read_header(message, "Message-ID"), tuple(own_addresses), tuple(own_domains))
    return Mail(
        from_=tidy_sender(read_header(message, "From")),
        from_address=from_address,
        to=tuple(find_addresses(read_header(message, "To"))),
        subject=read_header(message, "Subject"),
        message_id=sender.message_id,
        in_reply_to=next(iter(find_message_ids(read_header(message, "In-Reply-To"))), ""),
        references=tuple(find_message_ids(read_header(message, "References"))),
        date=read_date(read_header(message, "Date")),
        text=text,
        html_only=html_only,
        attachments=tuple(read_attachment(part) for part in parts if is_attachment(part)),
        auto_submitted=is_machine_made(message, sender),
        loop=loop_reason(message, sender),
        defects=find_defects(message, parts, senders),
    )


def parse(raw: bytes) -> Message:
    """The mail's tree; refuses what would cost more than seconds."""
    if len(raw) > MAX_BYTES:
        action = "send large files by a link"
        raise InvalidInput("the mail is too large", field="raw", limit=f"{MAX_BYTES} bytes", action=action)
    lines, boundaries = raw.count(b"\n") + raw.count(b"\r"), raw.lower().count(b"boundary")
    if lines > MAX_LINES * 2 or boundaries > MAX_MULTIPARTS or lines * boundaries > MAX_WORK:
        raise broken(f"{MAX_LINES} lines, {MAX_MULTIPARTS} multiparts")
    try:
        return message_from_bytes(raw, policy=BoundedHeaders())
    except MALFORMED as error:
        raise broken("a structure that can be read") from error


def broken(limit: str) -> BrokenMail:
    return BrokenMail("the mail is broken", field="raw", limit=limit, action="an operator must look at the raw mail")


def leaf_parts(message: Message) -> Iterator[Message]:
    """Parts without parts, in order; a mail inside the mail is one part."""
    stack, seen = [(message, 0)], 0
    while stack:
        part, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_PARTS:
            raise broken(f"{MAX_PARTS} parts, {MAX_DEPTH} levels")
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            stack.extend((child, depth + 1) for child in reversed(payload) if isinstance(child, Message))
        else:
            yield part


def is_attachment(part: Message) -> bool:
    """Whether a part is a file: all but the unnamed texts that people read as the mail itself."""
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if disposition.startswith("attachment") or name_of(part):
        return True
    return part.get_content_type() not in BODY_TYPES and part.get_content_maintype() != "multipart"


def name_of(part: Message) -> str:
    """The file name as sent, decoded; empty where there is none."""
    try:
        return decode(part.get_filename() or "")
    except MALFORMED:
        return ""


def find_senders(message: Message) -> list[str]:
    """Every address in every From header."""
    return [address for value in message.get_all("From") or [] for address in find_addresses(decode(value))]


def read_body(parts: list[Message]) -> tuple[str, bool]:
    """The plain text, or the HTML as text where there is no other; and whether it is that."""
    plain, html = texts_of(parts, "text/plain"), texts_of(parts, "text/html")
    html_only = bool(html.strip()) and not plain.strip()
    return read_as_text(html) if html_only else plain, html_only


def texts_of(parts: list[Message], content_type: str) -> str:
    wanted = [part for part in parts if part.get_content_type() == content_type and not is_attachment(part)]
    return "\n\n".join(text for text in map(read_text, wanted) if text.strip())


def read_text(part: Message) -> str:
    """A text part as text with `\\n` line ends, without NUL."""
    try:
        charset = part.get_content_charset() or "utf-8"
    except MALFORMED:
        charset = "utf-8"
    text = drop_surrogates(decode_bytes(content_of(part), charset)).replace("\x00", "")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def content_of(part: Message) -> bytes:
    """A part's bytes with its transfer encoding undone, or as they stand where that is broken."""
    try:
        if part.is_multipart():
            return b"\n".join(inner.as_bytes() for inner in part.get_payload() if isinstance(inner, Message))
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    except MALFORMED:
        return b""


def read_as_text(html: str) -> str:
    from shared.understanding.html_text import read_html

    return read_html(html)


def read_attachment(part: Message) -> Attachment:
    content, sent = content_of(part), name_of(part)
    kind, blocked = judge_attachment(sent, content)
    name = clean_name(sent) if sent else f"unnamed.{kind}"
    return Attachment(name, part.get_content_type(), len(content), content, kind, blocked)


def find_defects(message: Message, parts: list[Message], senders: list[str]) -> tuple[str, ...]:
    """Names of what was wrong: the parser's own, and a sender that cannot be told."""
    names = {type(defect).__name__ for part in [message, *parts] for defect in part.defects}
    if len(set(senders)) != 1:
        names.add("SeveralSenders" if senders else "NoSender")
    return tuple(sorted(names))
