"""What SES found out about a mail that it received: the headers that it puts on top of the stored mail, and no others.

SES writes, in this order, Return-Path, Received, the spam and virus verdicts where it scans, Received-SPF,
Authentication-Results, X-SES-RECEIPT, and last X-SES-DKIM-SIGNATURE. Whatever stands below came with the mail, and may
say the same in its sender's own words; a mail whose top does not look so proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

FIRST = "return-path"
LAST = "x-ses-dkim-signature"
BY_SES = frozenset(
    {
        FIRST, "received", "x-ses-spam-verdict", "x-ses-virus-verdict", "received-spf", "authentication-results",
        "x-ses-receipt", LAST,
    }
)  # fmt: skip
MOST_BYTES = 64 * 1024
MOST_HEADERS = 20

_RECEIVED = re.compile(r"by inbound-smtp\.[a-z0-9-]+\.amazonaws\.com\b.*?\bfor (\S+?);", re.DOTALL)
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)=([a-z]+)(?=\s|$)(.*)", re.IGNORECASE | re.ASCII)
_HEADER_FROM = re.compile(r"(?<!\S)header\.from=(\S+)", re.IGNORECASE | re.ASCII)
_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*"|[^"\\();]+|["\\();]')
_INSIDE = re.compile(r"\\.|[^\\()]+|[\\()]")
_STEPS = {"(": 1, ")": -1}
_SHOWN = {")": " ", '"': '""'}
UNBALANCED = ('"', "\\")  # what opens or escapes something, and does not end it
NOTHING_PROVEN = {"dmarc": "fail"}


def read_envelope(raw: bytes) -> dict[str, Any]:
    """The envelope of a stored mail as `intake.email` takes it; empty where SES has not spoken."""
    found = read_top(raw)
    received = _RECEIVED.search(found.get("received", ""))
    if not received:
        return {}
    envelope: dict[str, Any] = {
        "mail_from": found[FIRST].strip("<> "),
        "rcpt_to": [received[1].strip("<>")],
        "spam": found.get("x-ses-spam-verdict", ""),
        "virus": found.get("x-ses-virus-verdict", ""),
    }
    return envelope | read_results(found.get("authentication-results", ""))


def read_results(header: str) -> dict[str, str]:
    """SPF, DKIM and DMARC, and the domain that DMARC judged; one pass among several DKIM signatures counts.

    SES writes SPF once and DMARC once, last. The envelope's sender and the HELO stand among the results in their
    sender's own words, so whatever deviates has `dmarc` fail.
    """
    issuer, *results = split_parts(header) or ["amazonses.com"]
    if not header or issuer.strip().lower() != "amazonses.com":
        return {}
    return _judge(header, [_RESULT.fullmatch(part) for part in results if part.strip()])


def _judge(header: str, found: Sequence[re.Match[str] | None]) -> dict[str, str]:
    judged = _HEADER_FROM.findall(found[-1][3]) if found and found[-1] else []
    if len(judged) != 1 or not _is_as_ses_writes(header, found):
        return dict(NOTHING_PROVEN)
    told = {"header_from": judged[0]}
    for each in filter(None, found):
        name, result = each[1].lower(), each[2].lower()
        told[name] = "pass" if told.get(name) == "pass" else result
    return told


def _is_as_ses_writes(header: str, found: Sequence[re.Match[str] | None]) -> bool:
    """SPF at most once, DMARC last, and once in the whole header: what hides a result makes no other the only one."""
    methods = [each[1].lower() if each else "" for each in found]
    return methods.count("spf") <= 1 and methods[-1:] == ["dmarc"] and header.lower().count("dmarc=") == 1


def split_parts(header: str) -> list[str]:
    """The parts between the `;` of a header that stand in no comment and in no quoted string; none where one is open.

    A comment becomes a blank and a quoted string an empty one (https://www.rfc-editor.org/rfc/rfc8601#section-2.2).
    """
    parts, depth, at = [""], 0, 0
    while found := (_INSIDE if depth else _OUTSIDE).match(header, at):
        piece, at = found[0], found.end()
        depth += _STEPS.get(piece, 0)
        if depth < 0 or (not depth and piece in UNBALANCED):
            return []
        if not depth:
            _take(parts, piece)
    return [] if depth else parts


def _take(parts: list[str], piece: str) -> None:
    if piece == ";":
        parts.append("")
    else:
        parts[-1] += _SHOWN.get(piece[0], piece)


def read_top(raw: bytes) -> dict[str, str]:
    """The headers above the mail's own, by lower-case name; none where they are not SES's, whole and each once."""
    found: dict[str, str] = {}
    for name, value in unfold(raw):
        expected = name == FIRST if not found else name in BY_SES and name not in found
        if not expected:
            return {}
        found[name] = value
        if name == LAST:
            return found
    return {}


def unfold(raw: bytes) -> list[tuple[str, str]]:
    """The first headers of a mail, lower-case names, their lines joined."""
    head = re.split(rb"\r?\n\r?\n", raw[:MOST_BYTES], maxsplit=1)[0].decode("utf-8", "replace")
    lines = re.split(r"\r?\n(?![ \t])", head)[:MOST_HEADERS]
    pairs = [line.partition(":") for line in lines]
    return [(name.strip().lower(), re.sub(r"\s+", " ", value).strip()) for name, _, value in pairs]
