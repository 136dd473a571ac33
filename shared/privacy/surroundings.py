"""The words around a number, which say what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from shared.company.table import read_table
from shared.domain.text import any_of

REACH = 40
# "order no. 7" is one sentence.
SENTENCE_END = re.compile(r"(?<!\bno)(?<!\bnr)(?<!\bn)(?<!\bnum)(?<!\btel)[.!?]\s|\n\s*\n", re.I)
# Between a word and its number: "order number is #", "invoice no. :", "Rechnung Nr."
LINK = (
    r"(?:\W{0,3}(?:numbers?|num|no|nr|nos|id|ids|code|is|was|are|of|my|the|for|n|numero|nummer|numer|号|號|番号|번호)){0,3}"
    r"\W{0,4}$"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A find in folded text."""

    type: str
    start: int
    end: int


def has_word_before(text: str, start: int, kind: str) -> bool:
    """Whether a word of the table's `kind` stands within a short reach before `start`, in the same sentence or line."""
    return anywhere(kind).search(sentence_before(text, start)) is not None


def ends_with_word(text: str, start: int, kind: str) -> bool:
    """Whether the nearest word before `start`, but for "number is" and the like, is of the table's `kind`."""
    return at_the_end(kind).search(sentence_before(text, start)) is not None


def sentence_before(text: str, start: int) -> str:
    before = text[max(0, start - REACH) : start]
    return SENTENCE_END.split(before)[-1]


@cache
def anywhere(kind: str) -> re.Pattern[str]:
    return re.compile(word_of(kind), re.I)


@cache
def at_the_end(kind: str) -> re.Pattern[str]:
    return re.compile(word_of(kind) + LINK, re.I)


def word_of(kind: str) -> str:
    """Any word of a kind, whole where its letters are of a script that separates words."""
    words = read_table("personal_data")[kind]
    spaced = any_of(word for word in words if word[0] < "\u0590")
    joined = any_of(word for word in words if word[0] >= "\u0590")
    return rf"(?:(?<![^\W\d_])(?:{spaced})(?![^\W\d_])|{joined})"
