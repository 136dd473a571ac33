"""Attachments: a safe name, the true kind by the first bytes, and whether anybody may open it."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

from shared.company.table import read_table

MAX_NAME = 120
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 2_000
LOOK_AT = 4_096
MALWARE_TEST = b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!"
WEB = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed)\b", re.I)
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/")
OFFICE_PARTS = {"word/": "word", "xl/": "excel", "ppt/": "powerpoint"}
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_name(name: str) -> str:
    """A file name that is safe to store and to show: no folder, no control or direction character, ≤ 120 characters."""
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    base = name.replace("\\", "/").rsplit("/", 1)[-1].strip(" .")
    base = re.sub(r'[<>:"|?*]', "_", base)
    if len(base) > MAX_NAME:
        stem, dot, ending = base.rpartition(".")
        base = (stem[: MAX_NAME - len(ending) - 1] + dot + ending) if dot and len(ending) <= 10 else base[:MAX_NAME]
    return base or "unnamed"


def judge_attachment(name: str, content: bytes) -> tuple[str, str | None]:
    """The true kind of a file, and why it is blocked: a key of the table's `reasons`, or None where it is allowed."""
    kind = sniff_kind(clean_name(name), content)
    for reason, applies in RULES.items():
        if applies(name, kind, content):
            return kind, reason
    return kind, None


def say_why(reason: str) -> str:
    """A reason in words for the operator who sees the attachment."""
    return str(read_table("email_attachments")["reasons"][reason])


def sniff_kind(name: str, content: bytes) -> str:
    """The kind by the first bytes; the name only tells kinds of plain text apart."""
    for kind, offset, start in read_signatures():
        if content.startswith(start, offset):
            return open_zip_kind(content) if kind == "zip" else kind
    if WEB.search(content[:LOOK_AT]):
        return "html"
    if looks_like_text(content):
        return str(endings()["text"].get(endings_of(name)[-1], "text"))
    return "unknown"


@cache
def read_signatures() -> tuple[tuple[str, int, bytes], ...]:
    rows = read_table("email_attachments")["signature"]
    return tuple((row["kind"], row.get("offset", 0), bytes.fromhex(start)) for row in rows for start in row["starts"])


def open_zip_kind(content: bytes) -> str:
    """What a zip file is: an office document, a Java program, or an archive."""
    names = [entry.filename.lower() for entry in list_entries(content)]
    if "[content_types].xml" in names:
        return find_office_kind(names)
    if "meta-inf/manifest.mf" in names and any(name.endswith(".class") for name in names):
        return "executable"
    return "opendocument" if "mimetype" in names and "content.xml" in names else "zip"


def find_office_kind(names: list[str]) -> str:
    return next((kind for part, kind in OFFICE_PARTS.items() if any(name.startswith(part) for name in names)), "zip")


def list_entries(content: bytes) -> list[zipfile.ZipInfo]:
    """The entries of a zip file by its directory, nothing unpacked; none where it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError, IndexError):
        return []


def looks_like_text(content: bytes) -> bool:
    head = content[:LOOK_AT]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head and sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head) <= len(head) // 100


def endings() -> dict[str, Any]:
    table: dict[str, Any] = read_table("email_attachments")["endings"]
    return table


def endings_of(name: str) -> list[str]:
    """The lower-case endings of a name, outermost last; one empty ending where it has none."""
    return [part.strip() for part in name.lower().split(".")[1:]] or [""]


def is_runnable(name: str) -> bool:
    return endings_of(clean_name(name))[-1] in endings()["runnable"]


def is_zip_bomb(kind: str, content: bytes) -> bool:
    """Whether a zip's own directory promises too much; whoever unpacks bounds again what it really unpacks to."""
    if not content.startswith(b"PK"):
        return False
    entries = list_entries(content)
    unpacked = sum(entry.file_size for entry in entries)
    return len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(content), 1_000)


def has_entry(content: bytes, tells: Callable[[str], bool]) -> bool:
    return content.startswith(b"PK") and any(tells(entry.filename.lower()) for entry in list_entries(content))


def holds_archive(content: bytes) -> bool:
    return has_entry(content, lambda name: endings_of(name)[-1] in endings()["archives"])


def holds_program(content: bytes) -> bool:
    return has_entry(content, is_runnable)


def has_macros(name: str, content: bytes) -> bool:
    ending = endings_of(clean_name(name))[-1]
    return ending in endings()["macros"] or has_entry(content, lambda n: any(part in n for part in MACRO_PARTS))


def is_locked(content: bytes) -> bool:
    return content.startswith(b"PK") and any(entry.flag_bits & 1 for entry in list_entries(content))


def is_broken_zip(kind: str, content: bytes) -> bool:
    return kind == "zip" and not list_entries(content)


Rule = Callable[[str, str, bytes], bool]
# Why a file is blocked, the gravest reason first; a rule takes (name as sent, kind, content).
RULES: dict[str, Rule] = {
    "malware_test": lambda name, kind, content: MALWARE_TEST in content[:LOOK_AT],
    "empty": lambda name, kind, content: not content,
    "disguised_name": lambda name, kind, content: bool(BIDI.search(name)),
    "double_extension": lambda name, kind, content: is_runnable(name) and len(endings_of(clean_name(name))) > 1,
    "executable": lambda name, kind, content: kind == "executable" or holds_program(content),
    "script": lambda name, kind, content: kind == "script" or is_runnable(name),
    "html": lambda name, kind, content: kind == "html" or endings_of(clean_name(name))[-1] in endings()["web"],
    "zip_bomb": lambda name, kind, content: is_zip_bomb(kind, content),
    "macros": lambda name, kind, content: has_macros(name, content),
    "old_office": lambda name, kind, content: kind == "old_office",
    "archive_in_archive": lambda name, kind, content: kind == "zip" and holds_archive(content),
    "encrypted_archive": lambda name, kind, content: is_locked(content),
    "archive": lambda name, kind, content: kind == "archive" or is_broken_zip(kind, content),
    "unknown": lambda name, kind, content: kind not in read_table("email_attachments")["allowed"],
}
