"""Articles cut into passages: pieces of about a hundred words that stand verbatim in the article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.article import Article

FULL = 80  # words after which a passage takes no further block
MOST = 120  # words that a passage may hold, where its blocks can be cut

_HEADING = re.compile(r"#{1,6}\s")
_COUNTED = re.compile(r"\w\S*")  # a table's bars are no words
_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?![a-z])|(?<=[。！？])\s*")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article; `ordinal` counts from 0 within the article."""

    article_id: str
    title: str
    text: str
    ordinal: int


def split_article(article: Article) -> tuple[Passage, ...]:
    """The article's passages in order; an article without text has one empty passage under its title."""
    texts = list(_fill(_blocks(article.text))) or [""]
    return tuple(Passage(article.id, article.title, text, ordinal) for ordinal, text in enumerate(texts))


def split_sentences(text: str) -> list[str]:
    """Sentences and list items, verbatim, without the white space around them."""
    lines = (line.strip() for line in text.splitlines())
    return [part for line in lines for part in _SENTENCE_END.split(line) if part]


def is_heading(line: str) -> bool:
    """Whether a line is a heading in Markdown."""
    return _HEADING.match(line) is not None


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, headings and lists, each as it stands; blocks over the limit are cut between lines or sentences."""
    for block in re.split(r"\n\s*\n", text.strip()):
        if _count([block]) <= MOST:
            yield block
        else:
            yield from _cut(block)


def _cut(block: str) -> Iterator[str]:
    """A long block between its items, else its sentences, else its words."""
    if len(block.splitlines()) > 1:
        yield from _pack([line for line in block.splitlines() if line.strip()], "\n")
        return
    for piece in _pack(_SENTENCE_END.split(block), " "):
        words = piece.split()
        for start in range(0, len(words), MOST):
            yield piece if len(words) <= MOST else " ".join(words[start : start + MOST])


def _pack(pieces: list[str], joint: str) -> Iterator[str]:
    held: list[str] = []
    for piece in pieces:
        if held and _count(held) + _count([piece]) > MOST:
            yield joint.join(held)
            held = []
        held.append(piece)
    yield joint.join(held)


def _fill(blocks: Iterator[str]) -> Iterator[str]:
    """Blocks gathered into passages; a heading starts a new one once the old one has enough to say."""
    held: list[str] = []
    for block in blocks:
        if _starts_anew(held, block):
            kept = [held.pop()] if held and _is_bare_heading(held[-1]) else []
            if held:
                yield "\n\n".join(held)
            held = kept
        if block:
            held.append(block)
    if held:
        yield "\n\n".join(held)


def _starts_anew(held: list[str], block: str) -> bool:
    """Whether a block goes into the next passage: the one that is held is full, or the block opens a chapter."""
    size = _count(held)
    return size >= (FULL // 2 if _is_bare_heading(block) else FULL) or size + _count([block]) > MOST


def _is_bare_heading(block: str) -> bool:
    """Whether a block is a heading whose text comes in the next block."""
    return is_heading(block) and "\n" not in block


def _count(pieces: list[str]) -> int:
    return sum(len(_COUNTED.findall(piece)) for piece in pieces)
