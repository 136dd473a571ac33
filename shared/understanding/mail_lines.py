"""What one line of a mail is: a quote, an attribution, a header of an old mail, a mark."""

from __future__ import annotations

import re
from functools import cache

from shared.company.table import read_table
from shared.domain.text import any_of, fold

MAX_LINE = 1_000
MAX_ATTRIBUTION_LINES = 4
MAX_ATTRIBUTION = 320
MAX_HEADERS = 10
QUOTE = re.compile(r"^\s{0,8}(?:>|&gt;|\|\s?>)")
DELIMITER = re.compile(r"^\s*(?:([-*#~=_+·•.–—])\s?)(?:\1\s?){1,200}$")
INVISIBLE_LINE = re.compile(r"^[\s\u1427\u200b\u2060\ufeff]*$")
ADDRESS = re.compile(r"[^\s<>()@\"]+@[^\s<>()@\"]+\.[a-z]{2,}|mailto:", re.I)
MONTH = r"[^\W\d_]{3,12}\.?"
FULL_DATE = re.compile(
    r"\b(?:19|20)\d\d ?[-./年년] ?\d{1,2} ?[-./月월] ?\d{1,2}|\b\d{1,2}[-./] ?\d{1,2}[-./] ?(?:\d{4}|\d{2})\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|er|\.)?,? (?:de |d')?{MONTH},? (?:de |del )?(?:19|20)\d\d"
    rf"|\b{MONTH} \d{{1,2}}(?:st|nd|rd|th|\.)?,? (?:at )?(?:19|20)\d\d",
    re.I,
)
CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|GMT[+-]\d", re.I)
DATED_START = re.compile(r"^[^\w]*(?:[^\W\d_]{2,12}\.?,? )?\d{1,4}[-./ 年년]", re.I)
COLON_END = re.compile(r"[:：]\W{0,4}$|[-]{2,}$")
TIMEZONE_END = re.compile(r"GMT[+-]\d{1,2}:?\d{0,2} \S.{0,60}$", re.I)


def is_quote_line(line: str) -> bool:
    return bool(QUOTE.match(line))


def is_delimiter(line: str) -> bool:
    """Whether a line only draws: dashes, stars, underscores, or nothing that is seen."""
    return bool(DELIMITER.match(line)) or (bool(INVISIBLE_LINE.match(line)) and bool(line.strip()))


def plain(line: str) -> str:
    """A line folded, lower case, without the marks around it."""
    return fold(line[:MAX_LINE]).text.lower().strip(" \t*_>|#[]()\"'")


def is_reply_above(line: str) -> bool:
    """Whether a line marks where an old mail begins: "reply above this line", "Original Message"."""
    if len(line) > 200:
        return False
    folded = plain(line)
    marks = read_table("email_markers")["lines"]
    if any(mark in folded for mark in marks["reply_above"]):
        return not is_sentence(folded)
    bare = folded.strip("-–—_=*: .~<>【】").strip()
    return bare in quote_marks() and (bare != folded or ":" in line or "-" in line)


def is_sentence(folded: str) -> bool:
    """Whether somebody speaks of the line rather than draws it."""
    return len(folded) > 120 or bool(re.match(r"(?:i |we |my |your |should i |do i )", folded))


@cache
def quote_marks() -> frozenset[str]:
    return frozenset(read_table("email_markers")["lines"]["quote"])


def length_of_attribution(lines: list[str], index: int) -> int:
    """How many lines the attribution takes that begins at `index`; 0 where none does. A blank line ends the search."""
    joined = ""
    for length in range(1, MAX_ATTRIBUTION_LINES + 1):
        at = index + length - 1
        if at >= len(lines) or not lines[at].strip():
            return 0
        joined = f"{joined} {QUOTE.sub('', lines[at]).strip()}".strip()
        if len(joined) > MAX_ATTRIBUTION or (length == 1 and not may_open(joined)):
            return 0
        if is_attribution(joined):
            return length
    return 0


def may_open(line: str) -> bool:
    """Whether an attribution can begin with such a line."""
    folded = plain(line)
    return bool(opener().match(folded) or DATED_START.match(folded) or ADDRESS.search(line) or line.startswith("--"))


@cache
def opener() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{any_of(read_table('email_markers')['openers'])})(?:\b|(?=\s*\d))", re.I)


@cache
def wrote() -> re.Pattern[str]:
    verbs = any_of(read_table("email_markers")["wrote"])
    return re.compile(rf"(?<![^\W\d_])(?:{verbs})(?![a-z])(?:\(a\)|\(la\)|/la)?", re.I)


def is_attribution(line: str) -> bool:
    """Whether a line says who wrote what follows: a verb of writing or a bare sender, with a date or an address."""
    folded = fold(line).text
    return says_who_wrote(folded) or names_dated_sender(folded)


def says_who_wrote(folded: str) -> bool:
    """Whether a verb of writing stands before a colon, with a date or an address."""
    if not (COLON_END.search(folded) and wrote().search(folded)):
        return False
    return bool(ADDRESS.search(folded)) or is_dated(folded)


def names_dated_sender(folded: str) -> bool:
    """Whether a date comes first, and then an address before a colon, or a name behind the time zone."""
    if not (DATED_START.match(folded) or opener().match(folded)):
        return False
    sender = TIMEZONE_END.search(folded) or (COLON_END.search(folded) and ADDRESS.search(folded))
    return bool(sender) and is_dated(folded)


def is_dated(folded: str) -> bool:
    return bool(FULL_DATE.search(folded)) and bool(CLOCK.search(folded) or opener().match(folded))


def opens_header_block(lines: list[str], index: int) -> bool:
    """Whether a mail's headers begin here: three kinds of them together, with a sender, and no mere form to fill in."""
    if header_kind(lines[index]) not in ("from", "sent", "subject"):
        return False
    block = lines[index : index + MAX_HEADERS]
    kinds = kinds_together(block)
    mail_like = "subject" in kinds or any("@" in line for line in block)
    return "from" in kinds and len(kinds) >= 3 and mail_like


def kinds_together(lines: list[str]) -> set[str]:
    """The kinds of headers from the first line on, up to a blank line or three lines that are none."""
    kinds: set[str] = set()
    gap = 0
    for line in lines:
        kind = header_kind(line)
        gap = 0 if kind else gap + 1
        if gap > 2 or (not line.strip() and len(kinds) > 1):
            break
        if kind:
            kinds.add(kind)
    return kinds


def header_kind(line: str) -> str:
    """Which header a line is (`from`, `sent`, `to`, `subject`, `other`), or nothing."""
    name, colon, _ = line.replace("：", ":").partition(":")
    if not colon or len(name) > 40:
        return ""
    return header_names().get(plain(name).strip(), "")


@cache
def header_names() -> dict[str, str]:
    return {fold(name).text: kind for kind, names in read_table("email_markers")["headers"].items() for name in names}
