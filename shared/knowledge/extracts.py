"""The part of a passage that answers a query, as plain text: whole sentences, steps and table rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.knowledge.passages import is_heading, split_sentences
from shared.knowledge.words import terms_of

WHOLE = 700  # characters up to which a passage is quoted as a whole: its steps belong together
FIGURE = 3  # words up to which a table's cell needs its column's name beside it
_EMPHASIS = re.compile(r"\*\*|__|`")  # chat and mail would show these marks
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_RULE = re.compile(r"\|?[\s:|-]+\|?")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, step or table row; `run` is the same for the lines of one paragraph, list or table."""

    text: str
    run: int
    flows: bool  # a sentence follows the one before on the same line


@dataclass(slots=True)
class Section:
    """A heading's lines; the part of a passage before its first heading has an empty one."""

    heading: str = ""
    lines: list[Line] = field(default_factory=list)


def extract(passage: str, query: str, room: int, language: str = "en") -> str:
    """A short passage whole, of a long one its most telling section, in at most `room` characters; else nothing."""
    asked = frozenset(terms_of(query, language))
    sections = [section for section in read_sections(passage) if section.lines]
    if not sections:
        return ""
    whole = "\n\n".join(_say_section(section) for section in sections)
    if len(whole) <= min(room, WHOLE):
        return whole
    best = max(sections, key=lambda section: _count(asked, [section.heading, *_texts(section.lines)], language))
    if len(join_lines(best.lines)) <= room:
        return join_lines(best.lines)
    return _longest_fitting(best.lines[_find_start(best.lines, asked, language) :], room)


def read_sections(passage: str) -> list[Section]:
    """A passage's sections in order, with lists and tables as lines of their own."""
    sections = [Section()]
    header: list[str] = []
    run = 0
    for raw in passage.splitlines():
        line = _EMPHASIS.sub("", raw.strip())
        if not line:
            run, header = run + 1, []
        elif is_heading(line):
            sections.append(Section(line.lstrip("# ")))
        elif line.startswith("|"):
            header = _read_row(sections[-1], line, header, run)
        elif _ITEM.match(line):
            sections[-1].lines.append(Line(line, run, flows=False))
        else:
            sections[-1].lines.extend(_sentences(line, run))
    return sections


def join_lines(lines: Sequence[Line]) -> str:
    """The lines as one text: sentences after one another, everything else below one another."""
    parts: list[str] = []
    before: Line | None = None
    for line in lines:
        if before is not None:
            parts.append(" " if line.flows and line.run == before.run else "\n" if line.run == before.run else "\n\n")
        parts.append(line.text)
        before = line
    return "".join(parts)


def _say_section(section: Section) -> str:
    """A section below its heading."""
    lines = join_lines(section.lines)
    return f"{section.heading}:\n{lines}" if section.heading else lines


def _read_row(section: Section, line: str, header: list[str], run: int) -> list[str]:
    """Add a table row under its column names; returns the column names, which are the table's first row."""
    if _RULE.fullmatch(line):
        return header
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if not header:
        return cells
    section.lines.append(Line(f"{cells[0]}: {_say_cells(header[1:], cells[1:])}", run, flows=False))
    return header


def _say_cells(names: Sequence[str], cells: Sequence[str]) -> str:
    """Figures under their columns' names; phrases speak for themselves."""
    if len(cells) < 2 or any(len(cell.split()) > FIGURE for cell in cells):
        return "; ".join(cells)
    return ", ".join(f"{name} {cell}" for name, cell in zip(names, cells, strict=False))


def _sentences(line: str, run: int) -> Iterable[Line]:
    for sentence in split_sentences(line):
        yield Line(sentence, run, flows=True)


def _find_start(lines: Sequence[Line], asked: frozenset[str], language: str) -> int:
    """Where to begin: at the most telling line, or at the first step where that is a step among others."""
    told = [_count(asked, [line.text], language) for line in lines]
    best = told.index(max(told))
    if lines[best].flows:
        return best
    return next(place for place, line in enumerate(lines) if line.run == lines[best].run)


def _longest_fitting(lines: Sequence[Line], room: int) -> str:
    fitting = ""
    for count in range(1, len(lines) + 1):
        text = join_lines(lines[:count])
        if len(text) > room:
            break
        fitting = text
    return fitting


def _count(asked: frozenset[str], texts: Iterable[str], language: str) -> int:
    return len(asked.intersection(term for text in texts for term in terms_of(text, language)))


def _texts(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]
