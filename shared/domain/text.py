"""Text as people see it: invisible, styled and accented characters folded, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

TAG_BLOCK = 0xE0000
REPLACEMENT = "\ufffd"
SURROGATES = re.compile("[\ud800-\udfff]")
NOT_ASCII = re.compile("[^\x00-\x7f]")
ACCENTS = re.compile("[\u0300-\u036f]")
# Unicode's own compatibility forms leave these alone, and people type them for the plain ones.
PLAIN = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2044\u2215", "/"),
    "\u2028": "\n",
    "\u2029": "\n",
    "ß": "ss",
}
# Characters that show nothing: fillers and variation selectors are letters and marks to Unicode, not formats.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `offsets[i]` is the index in the original of the folded character i."""

    text: str
    offsets: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that folds to `text[start:end]`."""
        if start >= end:
            return (0, 0)
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(text: str) -> Folded:
    """Undo styled letters, accents, invisible characters and Unicode tags; ASCII text comes back as it is."""
    if text.isascii():
        return Folded(text, range(len(text)))
    pieces: list[str] = []
    offsets: list[int] = []
    done = 0
    for found in NOT_ASCII.finditer(text):
        index, piece = found.start(), fold_character(found[0])
        pieces += (text[done:index], piece)
        offsets.extend(range(done, index))
        offsets.extend([index] * len(piece))
        done = found.end()
    pieces.append(text[done:])
    offsets.extend(range(done, len(text)))
    return Folded("".join(pieces), offsets)


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """What one character reads as: nothing where it is invisible."""
    if character in PLAIN:
        return PLAIN[character]
    code = ord(character)
    if TAG_BLOCK + 0x20 <= code < TAG_BLOCK + 0x7F:
        return chr(code - TAG_BLOCK)
    if is_invisible(character):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if max(map(ord, plain)) < 0x250 or 0x1E00 <= ord(plain[0]) < 0x1F00:
        plain = drop_accents(plain)
    return "".join(PLAIN.get(c, c) for c in plain)


def drop_accents(text: str) -> str:
    """The text with its letters taken apart and their accents left out."""
    return ACCENTS.sub("", unicodedata.normalize("NFD", text))


def is_invisible(character: str) -> bool:
    """Whether a character shows nothing by itself: formats, fillers, selectors, accents that stand alone."""
    code = ord(character)
    return (
        character in BLANK
        or unicodedata.category(character) == "Cf"
        or 0x300 <= code < 0x370
        or 0xFE00 <= code <= 0xFE0F
        or TAG_BLOCK <= code <= TAG_BLOCK + 0x1EF
    )


def any_of(words: Iterable[str]) -> str:
    """A pattern's alternatives for words as they are written, the longest first; without words it matches nothing."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))) or "(?!)"


def drop_surrogates(text: str) -> str:
    """The text with lone surrogates replaced one for one, so that it can be stored and sent as UTF-8."""
    return SURROGATES.sub(REPLACEMENT, text)
