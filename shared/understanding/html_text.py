"""HTML mails as plain text that reads as it looked, quotes marked with `>` and hidden text left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_HTML = 2_000_000
MAX_QUOTE_DEPTH = 20
# Tags are told by patterns: a line for each list, where sets would take a page.
BLOCKS = re.compile(
    r"address|article|aside|blockquote|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6r]|header|li|main|nav|ol|p"
    r"|pre|section|table|tr|ul"
)
SPACED = re.compile(r"p|h[1-6]|blockquote|ul|ol|table|pre")
UNSEEN = re.compile(r"script|style|head|title|template|noscript|svg|math|object|iframe|select|textarea|-comment")
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?[1-9])|mso-hide\s*:\s*all|opacity\s*:\s*0(?![.\d])",
    re.I,
)


def read_html(html: str) -> str:
    """The visible text of an HTML mail; what lies beyond 2,000,000 characters is left out."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(html[:MAX_HTML]).root
    pieces = list(visible_pieces(body)) if body is not None else []
    return tidy(pieces)


def visible_pieces(root: object) -> Iterator[tuple[int, str]]:
    """(quote depth, text) in reading order; walks with a stack of its own, since hostile mails nest very deep."""
    stack: list[tuple[object, int, bool]] = [(root, 0, True)]
    while stack:
        node, depth, entering = stack.pop()
        tag = str(getattr(node, "tag", ""))
        if tag == "-text":
            yield depth, re.sub(r"[ \t\r\n\f]+", " ", str(getattr(node, "text_content", "") or ""))
            continue
        if not entering:
            yield depth, break_after(tag)
            continue
        if UNSEEN.fullmatch(tag) or is_hidden(node):
            continue
        yield depth, OPENINGS.get(tag, "\n" if BLOCKS.fullmatch(tag) else "")
        inner = min(depth + (tag == "blockquote"), MAX_QUOTE_DEPTH)
        stack.append((node, depth, False))
        stack.extend((child, inner, True) for child in reversed(children(node)))


OPENINGS = {"br": "\n", "li": "\n- ", "td": " ", "th": " ", "hr": "\n---\n"}


def break_after(tag: str) -> str:
    if SPACED.fullmatch(tag):
        return "\n\n"
    return "\n" if BLOCKS.fullmatch(tag) else ""


def children(node: object) -> list[object]:
    iterate = getattr(node, "iter", None)
    return list(iterate(include_text=True)) if iterate else []


def is_hidden(node: object) -> bool:
    attributes = getattr(node, "attributes", {}) or {}
    return "hidden" in attributes or bool(HIDDEN.search(attributes.get("style") or ""))


def tidy(pieces: list[tuple[int, str]]) -> str:
    """Pieces as lines: each marked with its quote depth, runs of blank lines made one."""
    lines: list[tuple[int, str]] = [(0, "")]
    for depth, piece in pieces:
        first, *rest = piece.split("\n")
        if lines[-1][1].strip():
            lines[-1] = (lines[-1][0], lines[-1][1] + first)
        else:
            lines[-1] = (depth, first)
        lines.extend((depth, line) for line in rest)
    marked = ["> " * depth + line.strip() if line.strip() else "" for depth, line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(marked)).replace("\u200b", "").strip()
