"""The index file: one sequence of bytes that holds passages, their terms and where each term stands.

Layout: `MAGIC`, the header's length (4 bytes, little-endian), the header as JSON, then the sections that it lists by
name as [type, offset, count], aligned to 8 bytes. Numbers are little-endian, as on every machine that we run on.
Loading reads the terms and copies nothing else, so that a large file is ready at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.errors import InvalidInput
from shared.knowledge.passages import Passage

MAGIC = b"SMPINDEX"
FORMAT = 1
Kind = Literal["B", "H", "I", "Q"]  # unsigned integers
WIDTHS: dict[Kind, int] = {"B": 1, "H": 2, "I": 4, "Q": 8}
TERM_END = "\n"


@dataclass(frozen=True, slots=True)
class Index:
    """A loaded index; `version` names its content, `scale` turns a stored weight into a BM25 term frequency factor."""

    version: str
    languages: tuple[str, ...]
    passages: int
    scale: float
    terms: Mapping[str, int]
    sections: Mapping[str, memoryview[int]]

    def frequency(self, term: int) -> int:
        """In how many passages a term stands."""
        starts = self.sections["starts"]
        return int(starts[term + 1] - starts[term])

    def postings(self, term: int) -> tuple[memoryview, memoryview[int]]:
        """The passages where a term stands, ascending, and its weight in each."""
        starts = self.sections["starts"]
        here = slice(starts[term], starts[term + 1])
        return self.sections["places"][here], self.sections["weights"][here]

    def title_terms(self, article: int) -> memoryview[int]:
        """The terms of an article's title, by the article's number."""
        return self.sections["title_terms"][self._span("title_terms", article)]

    def article_of(self, passage: int) -> int:
        """The number of the article that a passage belongs to."""
        return int(self.sections["owners"][passage])

    def intents_of(self, article: int) -> list[str]:
        """The intents that an article answers, by the article's number."""
        return self._text("intents", article).split()

    def passage(self, number: int) -> Passage:
        """A passage by its number."""
        article = self.article_of(number)
        ordinal = number - int(self.sections["firsts"][article])
        return Passage(self._text("ids", article), self._text("titles", article), self._text("texts", number), ordinal)

    def is_lead(self, passage: int) -> bool:
        """Whether a passage is the first one of its article."""
        return int(self.sections["firsts"][self.article_of(passage)]) == passage

    def text_size(self, passage: int) -> int:
        """The length of a passage's text in bytes."""
        here = self._span("texts", passage)
        return int(here.stop - here.start)

    def find_passage(self, article_id: str, ordinal: int) -> Passage | None:
        """The passage with that name in this version, or None."""
        article = self._find_article(article_id)
        if article is None or ordinal < 0:
            return None
        firsts = self.sections["firsts"]
        number = int(firsts[article]) + ordinal
        return self.passage(number) if number < int(firsts[article + 1]) else None

    def answers_intents(self, article_id: str) -> list[str]:
        """The intents that an article answers, by its id; none for an article that is not here."""
        article = self._find_article(article_id)
        return [] if article is None else self.intents_of(article)

    def _find_article(self, article_id: str) -> int | None:
        """Articles stand in the order of their ids."""
        low, high = 0, len(self.sections["firsts"]) - 2
        while low <= high:
            middle = (low + high) // 2
            found = self._text("ids", middle)
            if found == article_id:
                return middle
            low, high = (middle + 1, high) if found < article_id else (low, middle - 1)
        return None

    def _text(self, name: str, number: int) -> str:
        return str(self.sections[name][self._span(name, number)], "utf-8")

    def _span(self, name: str, number: int) -> slice:
        ends = self.sections[f"{name}_ends"]
        return slice(ends[number - 1] if number else 0, ends[number])


def load_index(content: bytes) -> Index:
    """Read an index file without copying it; raises InvalidInput where the bytes are no index of this format."""
    header = _read_header(content)
    body = memoryview(content)
    sections = {name: _section(body, *place) for name, place in header["sections"].items()}
    terms = str(sections["terms"], "utf-8").split(TERM_END) if len(sections["terms"]) else []
    return Index(
        version=header["version"],
        languages=tuple(header["languages"]),
        passages=len(sections["owners"]),
        scale=header["scale"],
        terms=dict(zip(terms, range(len(terms)), strict=True)),
        sections=sections,
    )


def write_sections(header: Mapping[str, Any], sections: Mapping[str, tuple[Kind, bytes]]) -> bytes:
    """An index file from its header and its sections, each (type, little-endian bytes)."""
    places: dict[str, tuple[Kind, int, int]] = {}
    parts: list[bytes] = []
    offset = 0
    for name, (kind, content) in sections.items():
        places[name] = (kind, offset, len(content) // WIDTHS[kind])
        parts.append(content + bytes(-len(content) % 8))
        offset += len(parts[-1])
    about = json.dumps({**header, "format": FORMAT, "length": offset, "sections": places}).encode()
    about += b" " * (-(len(MAGIC) + 4 + len(about)) % 8)
    return b"".join([MAGIC, len(about).to_bytes(4, "little"), about, *parts])


def _read_header(content: bytes) -> dict[str, Any]:
    start = len(MAGIC) + 4
    length = int.from_bytes(content[len(MAGIC) : start], "little")
    if content[: len(MAGIC)] != MAGIC or len(content) < start + length:
        raise _unreadable("it is not an index file")
    try:
        header: dict[str, Any] = json.loads(content[start : start + length])
    except ValueError as error:
        raise _unreadable("its header is damaged") from error
    if header.get("format") != FORMAT:
        raise _unreadable(f"its format is {header.get('format')}")
    if len(content) != start + length + header["length"]:
        raise _unreadable("it is cut short")
    header["sections"] = {name: (kind, start + length + at, n) for name, (kind, at, n) in header["sections"].items()}
    return header


def _section(body: memoryview[int], kind: Kind, offset: int, count: int) -> memoryview[int]:
    return body[offset : offset + count * WIDTHS[kind]].cast(kind)


def _unreadable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"the index cannot be read: {reason}",
        field="index",
        limit=f"format {FORMAT}",
        action="build it again with build_index",
    )
