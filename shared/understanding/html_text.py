"""HTML mails as plain text that reads as it looked, quotes marked with `>` and hidden text left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_HTML = 2_000_000
MAX_QUOTE_DEPTH = 20
MAX_DEPTH = 1_000
LAYOUT = re.compile("([\n\x01\x02])")
ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
SELF_CLOSING = r"p|li|br|img|hr|input|meta|link|td|tr|th|tbody|option|dt|dd|col|wbr|area|base|embed"
NESTING = re.compile(rf"<(/?)(?!(?:{SELF_CLOSING})\b)[a-z][a-z0-9]*", re.I)
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

    if depth_of(html[:MAX_HTML]) > MAX_DEPTH:
        # No parser that follows the standard is fast on such depth, and no mailer writes it: the bare words are enough.
        return tidy([(0, ANY_TAG.sub("\n", html[:MAX_HTML]))])
    body = LexborHTMLParser(html[:MAX_HTML]).root
    pieces = list(visible_pieces(body)) if body is not None else []
    return tidy(pieces)


def depth_of(html: str) -> int:
    """How deep elements nest at most, those left out that close themselves."""
    depth = deepest = 0
    for tag in NESTING.finditer(html):
        depth = max(0, depth - 1) if tag.group(1) else depth + 1
        deepest = max(deepest, depth)
    return deepest


def visible_pieces(root: object) -> Iterator[tuple[int, str]]:
    """(quote depth, text) in reading order; walks with a stack of its own, since hostile mails nest very deep."""
    stack: list[tuple[object, int, bool]] = [(root, 0, True)]
    while stack:
        node, depth, entering = stack.pop()
        tag = str(getattr(node, "tag", ""))
        if tag == "-text":
            yield depth, flow_text(node)
            continue
        if not entering:
            yield depth, break_around(tag)
            continue
        if UNSEEN.fullmatch(tag) or is_hidden(node):
            continue
        yield depth, OPENINGS.get(tag) or break_around(tag)
        inner = min(depth + (tag == "blockquote"), MAX_QUOTE_DEPTH)
        stack.append((node, depth, False))
        stack.extend((child, inner, True) for child in reversed(children(node)))


# Marks of layout between pieces of text: a new line if the line has text, and an empty line before what follows.
BLOCK, GAP = "\x01", "\x02"
OPENINGS = {"br": "\n", "td": " ", "th": " ", "hr": f"{BLOCK}---{BLOCK}", "li": f"{BLOCK}- "}


def break_around(tag: str) -> str:
    if SPACED.fullmatch(tag):
        return GAP
    return BLOCK if BLOCKS.fullmatch(tag) else ""


def flow_text(node: object) -> str:
    """A text node's words as they flow: any run of white space, or of our own marks, is one space."""
    return re.sub(r"[ \t\r\n\f\x01\x02]+", " ", str(getattr(node, "text_content", "") or ""))


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
        for part in LAYOUT.split(piece):
            add(lines, depth, part)
    marked = ["> " * depth + line.strip() if line.strip() else "" for depth, line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(marked)).replace("\u200b", "").strip()


def add(lines: list[tuple[int, str]], depth: int, part: str) -> None:
    """Add text to the last line, or do what a mark of layout says."""
    last_depth, last = lines[-1]
    if part == "\n" or (part in (BLOCK, GAP) and last.strip()):
        lines.append((depth, ""))
    if part == GAP:
        lines.append((depth, ""))
    elif part not in ("\n", BLOCK):
        lines[-1] = (last_depth if last.strip() else depth, last + part)
