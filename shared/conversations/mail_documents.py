"""What a mail leaves in `documents`: the raw mail, a text that is too long for a row, and its attachments.

All of it lies below one prefix per mail, so that erasing a message is erasing its prefix.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from shared.errors import Conflict, InvalidInput
from shared.ports.documents import Documents

MAX_BYTES = 10 * 1024 * 1024
MOST_LISTED = 20
LONGEST_LISTED = 60
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class File(Protocol):
    """An attachment as it was read: a safe name, and why it is blocked, or None."""

    @property
    def name(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def blocked(self) -> str | None: ...


def take_raw(documents: Documents, document: str, encoded: str) -> bytes:
    """The raw mail, by its document's name or from base64; raises InvalidInput, for base64 over 10 MB too."""
    if bool(document) == bool(encoded):
        raise _refuse("document", "either document or raw", "give the stored mail's name, or the mail in base64")
    if len(encoded) > MAX_BYTES * 4 // 3 + 4:
        raise _too_large()
    try:
        raw = documents.get(document) if document else base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refuse("raw", "base64", "encode the mail's bytes as base64") from error
    if not document and len(raw) > MAX_BYTES:
        raise _too_large()
    return raw


def mail_folder(tenant: str, message: str) -> str:
    """The prefix of everything that one mail leaves."""
    return f"mail/{tenant}/{message}"


def keep_raw(documents: Documents, folder: str, document: str, raw: bytes) -> str:
    """The name under which the raw mail is kept, as it first came; one stored elsewhere stays there."""
    if document:
        return document
    with suppress(Conflict):  # a repeat: its first delivery is kept
        documents.create(f"{folder}/raw", raw)
    return f"{folder}/raw"


def keep_text(documents: Documents, folder: str, whole: str, text: str) -> str:
    """The name of the whole text's document where the row holds only its beginning, else nothing."""
    if whole == text:
        return ""
    documents.put(f"{folder}/text", whole.encode("utf-8", "replace"))
    return f"{folder}/text"


def keep_attachments(documents: Documents, folder: str, files: Sequence[File]) -> tuple[str, ...]:
    """The names of the stored attachments; a blocked one is only named, as `blocked:<reason>:<name>`.

    Beyond 20 the rest stays in the raw mail, and one line says how many.
    """
    names = [keep_attachment(documents, folder, number, file) for number, file in enumerate(files[:MOST_LISTED])]
    more = len(files) - MOST_LISTED
    return (*names, f"more:{more}") if more > 0 else tuple(names)


def keep_attachment(documents: Documents, folder: str, number: int, file: File) -> str:
    name = UNSAFE.sub("_", file.name)[-LONGEST_LISTED:].lstrip(".") or "unnamed"
    if file.blocked:
        return f"blocked:{file.blocked}:{name}"
    place = f"{folder}/files/{number:02d}-{name}"
    documents.put(place, file.content)
    return place


def _too_large() -> InvalidInput:
    return _refuse("raw", f"{MAX_BYTES} bytes", "send large files by a link")


def _refuse(field: str, limit: str, action: str) -> InvalidInput:
    return InvalidInput("the mail cannot be accepted", field=field, limit=limit, action=action)
