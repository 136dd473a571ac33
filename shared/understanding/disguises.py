"""Disguises of text: the ways to write an order so that only a machine reads it, undone."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from shared.company.table import read_table
from shared.domain.text import fold

MAX_PAYLOADS = 20
MAX_PAYLOAD = 20_000
FOREIGN_WORD = re.compile(r"[^\W\d_]*[\u0250-\u058f][^\W\d_]*")
BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/_-]{4}){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?(?![A-Za-z0-9])")
HEXADECIMAL = re.compile(r"(?<![0-9a-f])(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]?){12,}", re.I)
BINARY = re.compile(r"(?:[01]{8}[ ,]?){6,}")
PERCENT = re.compile(r"(?:%[0-9a-f]{2}){3,}", re.I)
SPACED = re.compile(r"(?:\b\w[ .\-_*]{1,3}){6,}\w\b")
LEET = re.compile(r"\b(?=\w*[a-z])(?=\w*[013457@$])(?:[a-z]+[013457@$]+[a-z@$\d]*|[013457@$]+[a-z]{2,}[\w@$]*)", re.I)
LEET_LETTERS = str.maketrans("013457@$", "oieastas")
COMMENT = re.compile(r"<!--(.{1,5000}?)-->", re.S)
ROTATED = re.compile(
    r"\b(?:vtaber|qvfertneq|sbetrg|cerivbhf|vafgehpgvbaf?|flfgrz|cebzcg|cnffjbeq|erirny|bireevqr)\b", re.I
)
REVERSED = re.compile(r"(?:erongi|dragersid|tegrof|suoiverp|snoitcurtsni|tpmorp|drowssap|laever|edirrevo)", re.I)


@dataclass(frozen=True, slots=True)
class View:
    """A text as it reads once a disguise is off; `disguise` is empty for the text as people see it."""

    disguise: str
    text: str


def undisguise(text: str) -> list[View]:
    """The folded text first, then what each disguise hid; ordinary text has no second view."""
    folded = fold(text).text
    views = [View("", read_look_alikes(folded))]
    if has_hidden_characters(text):
        views.append(View("invisible", views[0].text))
    views.extend(hidden_views(views[0].text))
    return views


def hidden_views(text: str) -> Iterator[View]:
    for disguise, undo in DISGUISES.items():
        for payload in undo(text):
            if len(payload.strip()) >= 6:
                yield View(disguise, fold(payload[:MAX_PAYLOAD]).text)


def has_hidden_characters(text: str) -> bool:
    """Whether Unicode tags or runs of invisible characters carry text; joiners in emoji and scripts do not count."""
    return not text.isascii() and any(0xE0020 <= ord(c) < 0xE007F for c in text) and "\U0001f3f4" not in text


@cache
def look_alikes() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in read_table("injection")["look_alikes"].split()}


def read_look_alikes(text: str) -> str:
    """Cyrillic and Greek letters as the Latin ones that they look like, in words or texts that are Latin otherwise."""
    if text.isascii():
        return text
    latin = sum(c.isascii() and c.isalpha() for c in text)
    foreign = sum("\u0250" <= c < "\u0590" for c in text)

    def undo(word: re.Match[str]) -> str:
        mixed = any(c.isascii() for c in word.group())
        plain = word.group().translate(look_alikes())
        return plain if mixed or (plain.isascii() and latin > 3 * foreign) else word.group()

    return FOREIGN_WORD.sub(undo, text) if foreign else text


def decode_base64(text: str) -> Iterator[str]:
    for match in list(BASE64.finditer(text))[:MAX_PAYLOADS]:
        run = match.group()[:MAX_PAYLOAD].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            yield from readable(base64.b64decode(run + "=" * (-len(run) % 4)))
        except (binascii.Error, ValueError):
            continue


def decode_hexadecimal(text: str) -> Iterator[str]:
    for match in list(HEXADECIMAL.finditer(text))[:MAX_PAYLOADS]:
        digits = re.sub(r"0x|\\x|[ ,:]", "", match.group()[:MAX_PAYLOAD], flags=re.I)
        yield from readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def decode_binary(text: str) -> Iterator[str]:
    for match in list(BINARY.finditer(text))[:MAX_PAYLOADS]:
        bits = re.sub(r"[ ,]", "", match.group()[:MAX_PAYLOAD])
        yield from readable(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8)))


def readable(content: bytes) -> Iterator[str]:
    """Bytes as text where nearly all of them are letters, spaces and marks that people write."""
    decoded = content.decode("utf-8", "replace")
    good = sum(c.isalpha() or c in " \n\t.,;:!?'\"()-=/_<>{}[]0123456789" for c in decoded)
    if decoded and good >= 0.95 * len(decoded) and sum(c.islower() or c == " " for c in decoded) >= len(decoded) // 2:
        yield decoded


def rotate(text: str) -> Iterator[str]:
    if ROTATED.search(text):
        yield codecs.decode(text, "rot13")


def turn_around(text: str) -> Iterator[str]:
    if REVERSED.search(text):
        yield text[::-1]
        yield " ".join(reversed(text.split()))


def close_up(text: str) -> Iterator[str]:
    """Letters that stand apart: single gaps close, wider ones are the gaps between words."""
    for match in list(SPACED.finditer(text))[:MAX_PAYLOADS]:
        words = re.split(r"[ .\-_*]{2,}", match.group())
        yield " ".join(re.sub(r"[ .\-_*]", "", word) for word in words)


def read_leet(text: str) -> Iterator[str]:
    if len(LEET.findall(text)) >= 2:
        yield LEET.sub(lambda word: word.group().translate(LEET_LETTERS), text)


def unescape(text: str) -> Iterator[str]:
    if "&#" in text:
        yield html.unescape(text)
    if PERCENT.search(text):
        yield unquote(text, errors="replace")


def read_comments(text: str) -> Iterator[str]:
    if "<!--" in text:
        yield from COMMENT.findall(text)


DISGUISES = {
    "base64": decode_base64,
    "hexadecimal": decode_hexadecimal,
    "binary": decode_binary,
    "rot13": rotate,
    "reversed": turn_around,
    "spaced": close_up,
    "leet": read_leet,
    "escaped": unescape,
    "comment": read_comments,
}
