"""Words that mean the same, across wordings and languages: the company's table of concepts."""

from __future__ import annotations

import re
import tomllib
import unicodedata
import zlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from shared.understanding.taxonomy import INTENTS_FOLDER

LONGEST_TEXT = 6000
SHORTEST_STEM = 2

_ACCENTS = re.compile("[\u0300-\u036f]")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,64}\.[^\s@]{1,128}")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_HTTP_STATUS = re.compile(r"\b([45])\d\d\b")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def plain(text: str) -> str:
    """Lower case without accents; addresses, links and numbers become placeholders (HTTP errors keep their class)."""
    text = text[:LONGEST_TEXT].casefold().replace("\u2019", "'")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    text = _URL.sub(" xurl ", _EMAIL.sub(" xmail ", text))
    return _NUMBER.sub(" 0 ", _HTTP_STATUS.sub(r" httpstatus\1 ", text))


@dataclass(frozen=True, slots=True)
class ConceptTable:
    """Concept numbers by word beginning, by whole word, and by characters of a script without spaces."""

    stems: dict[str, tuple[int, ...]]
    words: dict[str, tuple[int, ...]]
    anywhere: dict[str, tuple[int, ...]]
    longest: int


@cache
def load_concepts() -> ConceptTable:
    """The table in the company's folder; a concept's number is a hash of its name, so new rows move no old one."""
    table: dict[str, str] = tomllib.loads((INTENTS_FOLDER / "concepts.toml").read_text("utf-8"))
    found: dict[str, dict[str, list[int]]] = {kind: defaultdict(list) for kind in ("stems", "words", "anywhere")}
    for name, entries in table.items():
        for entry in entries.split():
            form = plain(entry.removesuffix("."))
            kind = "anywhere" if _UNSPACED.search(form) else "words" if entry.endswith(".") else "stems"
            found[kind][form].append(zlib.crc32(name.encode()))
    frozen = {
        kind: {form: tuple(dict.fromkeys(numbers)) for form, numbers in forms.items()} for kind, forms in found.items()
    }
    return ConceptTable(**frozen, longest=max(map(len, frozen["stems"])))


def find_concepts(tokens: list[str]) -> list[int]:
    """The numbers of the concepts that the words stand for, in order, repeats included."""
    table = load_concepts()
    return [number for token in tokens for number in _of_word(token, table)]


def _of_word(token: str, table: ConceptTable) -> tuple[int, ...]:
    """A whole word's concepts, else those of the longest stem that it begins with."""
    if token in table.words:
        return table.words[token]
    for length in range(min(len(token), table.longest), SHORTEST_STEM - 1, -1):
        if (found := table.stems.get(token[:length])) is not None:
            return found
    if not _UNSPACED.search(token):
        return ()
    return tuple(number for form, numbers in table.anywhere.items() if form in token for number in numbers)
