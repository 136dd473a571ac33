"""Signatures and footers: what stands under a mail without having been written for it."""

from __future__ import annotations

import re
from functools import cache

from shared.company.table import read_table
from shared.domain.text import any_of
from shared.understanding.mail_lines import is_delimiter, plain

MAX_SIGNATURE_LINES = 25
MAX_FOOTER = 140
MAX_CARD_LINE = 90
MAX_CARD_LINES = 14  # with the closing and the name
UNDERSCORES = re.compile(r"^\s*_{20,}\s*$")
DASHES = re.compile(r"^\s*(?:--|—|––|__|-- ?-?)\s*$")
CONTACT = re.compile(
    r"(?:^|\W)(?:tel|phone|mobile|mob|cell|fax|telefon|handy|t|m|p|f|e|w|d)\s?[.:|]\s*[+(\d\w]"
    r"|\+\d[\d ().-]{6,}|\(\d{3}\) ?\d{3}"
    r"|www\.|https?://|\S+@\S+\.\w|\s\|\s|\b(?:ltd|inc|llc|gmbh|corp|s\.?a\.?r\.?l|b\.v)\b",
    re.I,
)


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(written, added): cuts at the signature mark, then takes footers, disclaimers and a sender's card off the end."""
    start = find_mark(lines)
    written, added = lines[:start], lines[start:]
    for take in (take_footers, take_disclaimer, take_footers, take_card):
        written, more = take(written)
        added = more + added
    return written, added


def find_mark(lines: list[str]) -> int:
    """The index of the line that opens the signature; the number of lines where there is none."""
    below = sum(bool(line.strip()) for line in lines)
    for index, line in enumerate(lines):
        below -= bool(line.strip())
        if line == "-- " or (UNDERSCORES.match(line) and has_text(lines[:index])):
            return index
        if DASHES.match(line) and below <= MAX_SIGNATURE_LINES:
            return index
    return len(lines)


def has_text(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def take_footers(lines: list[str]) -> tuple[list[str], list[str]]:
    """Footers of devices and programs, with what stands between the first and the last of them."""
    marks = [index for index, line in enumerate(lines) if is_footer(line)]
    if not marks:
        return lines, []
    first, last = marks[0], marks[-1]
    between = sum(bool(line.strip()) for line in lines[first : last + 1])
    if between > 2 * len(marks):
        first = last
    return lines[:first] + lines[last + 1 :], lines[first : last + 1]


def is_footer(line: str) -> bool:
    """Whether a device or a program added this line."""
    if not line.strip() or len(line) > MAX_FOOTER:
        return False
    folded = plain(line).replace("[", "").lstrip("<( -–—")
    table = read_table("email_markers")["footers"]
    if folded.startswith((*table["starts"], *table["owner"])):
        return True
    sent = bool(sent_verb().match(folded)) and not folded.startswith(("from the", "from your"))
    return sent and len(folded) <= 100 and bool(device().search(folded))


@cache
def sent_verb() -> re.Pattern[str]:
    verbs = any_of(read_table("email_markers")["footers"]["sent"])
    ends = r"(?:\b|(?<=[\u3000-\uffff]))"
    return re.compile(rf"(?:{verbs}){ends}(?! +(?:it|you|an?|the|this|my|me|us|them) +(?:e?mail|letter)|:)")


@cache
def device() -> re.Pattern[str]:
    return re.compile(any_of(read_table("email_markers")["footers"]["devices"]))


def take_disclaimer(lines: list[str]) -> tuple[list[str], list[str]]:
    """The first paragraph that reads like a disclaimer, with all that follows it."""
    table = read_table("email_markers")["disclaimer"]
    for index, line in enumerate(lines):
        if not opens_paragraph(lines, index) or not plain(line).startswith(tuple(table["begins"])):
            continue
        paragraph = plain(" ".join(paragraph_at(lines, index)))
        if len(paragraph) >= 120 and sum(word in paragraph for word in table["speaks"]) >= 2:
            return lines[:index], lines[index:]
    return lines, []


def opens_paragraph(lines: list[str], index: int) -> bool:
    return index == 0 or not lines[index - 1].strip() or is_delimiter(lines[index - 1])


def paragraph_at(lines: list[str], index: int) -> list[str]:
    end = index
    while end < len(lines) and lines[end].strip():
        end += 1
    return lines[index:end]


def take_card(lines: list[str]) -> tuple[list[str], list[str]]:
    """The sender's card under the closing and the name: short lines of which one is a way to reach them."""
    filled = [index for index, line in enumerate(lines) if line.strip()][-MAX_CARD_LINES:]
    closings_at = [place for place, index in enumerate(filled) if is_closing(lines[index])]
    card = filled[closings_at[-1] + 2 :] if closings_at else []
    if not is_card([lines[index] for index in card]):
        return lines, []
    return lines[: card[0]], lines[card[0] :]


def is_card(rows: list[str]) -> bool:
    return all(len(row) <= MAX_CARD_LINE for row in rows) and any(map(CONTACT.search, rows))


def is_closing(line: str) -> bool:
    return plain(line).strip(" ,.!;:-") in closings()


@cache
def closings() -> frozenset[str]:
    return frozenset(read_table("email_markers")["signature"]["closings"])
