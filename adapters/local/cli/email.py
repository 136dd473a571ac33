"""`supportmax email`: reads raw mails and plain bodies."""

from __future__ import annotations

from pathlib import Path

import click

from adapters.local.cli.filters import Record, filter_command, need_text
from shared.domain.text import drop_surrogates
from shared.errors import InvalidInput
from shared.understanding.email_text import split_body
from shared.understanding.mime import MAX_BYTES, Mail, read_mail

NO_MAIL = Mail("", "", (), "", "", "", (), "", "", False, (), False, None, ())


def answer(record: Record) -> Record:
    """One mail or one body, as design §9 fixes it."""
    if "path" in record:
        mail = read_mail(read_file(need_text(record, "path", at_most=4_096)))
    elif "raw" in record:
        mail = read_mail(as_bytes(need_text(record, "raw", at_most=MAX_BYTES)))
    elif "body" in record:
        return describe(NO_MAIL, drop_surrogates(need_text(record, "body", at_most=MAX_BYTES)))
    else:
        raise InvalidInput("nothing to read", field="path", limit="one of path, raw, body", action="give one of them")
    return describe(mail, mail.text)


def describe(mail: Mail, body: str) -> Record:
    written = split_body(body)
    return {
        "from": mail.from_ or None,
        "subject": mail.subject or None,
        "message_id": mail.message_id or None,
        "in_reply_to": mail.in_reply_to or None,
        "references": list(mail.references),
        "text": written.text,
        "quoted": written.quoted,
        "signature": written.signature,
        "attachments": [attachment.name for attachment in mail.attachments],
        "auto_submitted": mail.auto_submitted,
        "loop": mail.loop is not None,
    }


def read_file(path: str) -> bytes:
    """The file's bytes, one more than a mail may have at most; raises InvalidInput where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InvalidInput("cannot read the file", field="path", action="give the path of a readable file") from error


def as_bytes(raw: str) -> bytes:
    """A raw mail as bytes again: readers of bytes mark the odd ones as lone surrogates."""
    try:
        return raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "replace")


@click.command("email", help="JSON lines {id, path | raw | body} in; sender, subject, text without quotes, … out.")
def command() -> None:
    filter_command(answer)
