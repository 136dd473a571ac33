"""What a sender wrote now: a mail's body without what it quotes, its signature and what programs added."""

from __future__ import annotations

from dataclasses import dataclass

from shared.understanding.mail_lines import (
    is_delimiter,
    is_quote_line,
    is_reply_above,
    length_of_attribution,
    opens_header_block,
)
from shared.understanding.mail_signatures import has_text, split_signature

MAX_BODY = 400_000
MAX_LINES = 8_000


@dataclass(frozen=True, slots=True)
class Written:
    """A body in three: `text` written now, `quoted` from other mails, `signature` with footers and disclaimers."""

    text: str
    quoted: str
    signature: str


def split_body(body: str) -> Written:
    """Tell what was written now from the rest; answers between quotes are kept, in order.

    Beyond 400,000 characters or 8,000 lines the body counts as quoted: nobody writes that much by hand.
    """
    lines = as_lines(body[:MAX_BODY])
    end = find_end(lines[:MAX_LINES])
    quoted = [False] * end
    for start, length in find_attributions(lines[:end]):
        quoted[start : start + length] = [True] * length
    segments, rest = split_segments(lines[:end], quoted)
    if end == len(lines) and not any(quoted) and not any(map(has_text, segments)):
        # Everything is marked as a quote and nobody is quoted: somebody wrote so.
        return Written(join(lines), "", "")
    parts = [split_signature(segment) for segment in segments]
    text = "\n\n".join(filter(None, (join(trim(written)) for written, _ in parts)))
    signature = "\n\n".join(filter(None, (join(added) for _, added in parts)))
    return Written(text, join([*rest, *lines[end:]]) + body[MAX_BODY:], signature)


def as_lines(body: str) -> list[str]:
    """The body's lines, each without what trails it but for the space of the signature mark `-- `."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\xa0", " ").split("\n")
    return ["-- " if line == "-- " else line.rstrip() for line in lines]


def find_end(lines: list[str]) -> int:
    """Where an old mail begins that runs to the end: a header block, a mark, or an attribution without `>` after it."""
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if is_reply_above(line) or opens_header_block(lines, index):
            return before_rule(lines, index)
        length = length_of_attribution(lines, index)
        if length and not is_quote_line(line) and not quote_follows(lines, index + length):
            return index
    return len(lines)


def before_rule(lines: list[str], index: int) -> int:
    """The index, or that of the line of underscores or dashes that stands right above."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and is_delimiter(lines[above]) else index


def quote_follows(lines: list[str], index: int) -> bool:
    following = next((line for line in lines[index:] if line.strip()), "")
    return is_quote_line(following)


def find_attributions(lines: list[str]) -> list[tuple[int, int]]:
    """(first line, number of lines) of each "… wrote:" above a quote."""
    found = []
    index = 0
    while index < len(lines):
        length = length_of_attribution(lines, index) if lines[index].strip() else 0
        if length:
            found.append((index, length))
        index += max(length, 1)
    return found


def split_segments(lines: list[str], quoted: list[bool]) -> tuple[list[list[str]], list[str]]:
    """Runs of lines that are not quoted, and all lines that are."""
    segments: list[list[str]] = [[]]
    rest: list[str] = []
    for line, in_quote in zip(lines, quoted, strict=True):
        if in_quote or is_quote_line(line):
            rest.append(line)
            segments.append([])
        else:
            segments[-1].append(line)
    return [segment for segment in segments if segment], rest


def trim(lines: list[str]) -> list[str]:
    """Lines without blank ones and bare rules at both ends."""
    while lines and (not lines[-1].strip() or is_delimiter(lines[-1])):
        lines = lines[:-1]
    while lines and not lines[0].strip():
        lines = lines[1:]
    return lines


def join(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()
