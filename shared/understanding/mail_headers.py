"""The headers of a mail, read so that no malformed or hostile one costs time or raises."""

from __future__ import annotations

import binascii
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from shared.domain.text import drop_surrogates

MAX_HEADER = 8_192
MAX_REFERENCES = 100
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
ANGLED = re.compile(r"<\s*([^<>\s]{1,254}@[^<>\s@]{1,254})\s*>")
BARE = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]@]{1,254}")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
NAMED = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^"<>(),]*))\s*<([^<>\s]+@[^<>\s]+)>\s*$')
COMMENTED = re.compile(r"^\s*([^\s<>()]+@[^\s<>()]+)\s*\([^()]*\)\s*$")
SPECIALS = re.compile(r'[()<>@,:;".\[\]\\]')


def read_header(message: Message, name: str) -> str:
    """The first header of that name, decoded, on one line, ≤ 8,192 characters of it; empty where there is none."""
    values = message.get_all(name) or []
    return decode(values[0]) if values else ""


def decode(value: object) -> str:
    """A raw header value as people read it, whatever its encoding claims to be."""
    raw = str(value)[:MAX_HEADER].replace("\x00", "")
    unfolded = re.sub(r"\r?\n[ \t]?|\r", lambda fold: " " if len(fold.group()) > 1 else "", raw)
    if "=?" in unfolded:
        try:
            unfolded = "".join(decode_chunk(chunk, charset) for chunk, charset in decode_header(unfolded))
        except (HeaderParseError, binascii.Error, ValueError, AssertionError):
            return re.sub(r"\s+", " ", drop_surrogates(unfolded)).strip()
    elif not unfolded.isascii():
        unfolded = decode_bytes(unfolded.encode("utf-8", "surrogateescape"), "utf-8")
    return re.sub(r"\s+", " ", drop_surrogates(unfolded)).strip()


def decode_chunk(chunk: bytes | str, charset: str | None) -> str:
    """A chunk of an encoded header; the parser hands plain chunks between encoded ones over as escaped bytes."""
    if isinstance(chunk, str):
        return chunk
    return decode_bytes(chunk, charset) if charset else chunk.decode("raw_unicode_escape", "replace")


def decode_bytes(content: bytes, charset: str) -> str:
    """Bytes as text: by the charset that is claimed, else UTF-8, else Windows-1252, which refuses nothing here."""
    claimed = charset.strip(" \t\"'").lower()
    for name in ("utf-8" if claimed in NOT_FOR_MAIL else CHARSETS.get(claimed, claimed), "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


# Python decodes these, but no mailer writes them, and some take quadratic time.
NOT_FOR_MAIL = frozenset(
    {"", "punycode", "idna", "unicode_escape", "unicode-escape", "raw_unicode_escape", "undefined"}
)
# Names that mailers write and Python does not know, or knows as a narrower set than what is meant.
CHARSETS = {
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ks-c-5601-1987": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.110-1983": "cp1252",
    "x-user-defined": "cp1252",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "utf8mb4": "utf-8",
}


def find_addresses(value: str) -> list[str]:
    """The addresses of a decoded header, lower case, in order, without those that a display name pretends."""
    bare = QUOTED.sub(" ", value)
    found = ANGLED.findall(bare) or BARE.findall(bare)
    return list(dict.fromkeys(address.lower().rstrip(".") for address in found))


def tidy_sender(value: str) -> str:
    """A sender as `Name <address>`, the name in quotes only where it needs them; anything odder as it stands."""
    named = NAMED.match(value)
    if not named:
        commented = COMMENTED.match(value)
        return commented.group(1) if commented else value
    name = re.sub(r"\\(.)", r"\1", named.group(1) if named.group(1) is not None else named.group(2)).strip()
    if not name:
        return named.group(3)
    return f'"{name}" <{named.group(3)}>' if SPECIALS.search(name) else f"{name} <{named.group(3)}>"


def find_message_ids(value: str) -> list[str]:
    """The message ids of a References or In-Reply-To header, the last hundred."""
    return MESSAGE_ID.findall(value)[-MAX_REFERENCES:]


def read_date(value: str) -> str:
    """A Date header as ISO 8601 with its offset; empty where it is no date."""
    try:
        return parsedate_to_datetime(value[:200]).isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""
