"""What SES found out about a mail that it received: the headers that it puts on top of the stored mail, and no others.

SES writes, in this order, Return-Path, Received, the spam and virus verdicts where it scans, Received-SPF,
Authentication-Results, X-SES-RECEIPT, and last X-SES-DKIM-SIGNATURE. Whatever stands below came with the mail, and may
say the same in its sender's own words; a mail whose top does not look so proves nothing.
"""

from __future__ import annotations

import re
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
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)=([a-z]+)\b([^;]*)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from=([^\s;]+)", re.IGNORECASE)


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
    """SPF, DKIM and DMARC, and the domain that DMARC judged; one pass among several DKIM signatures counts."""
    issuer, _, results = header.partition(";")
    told: dict[str, str] = {}
    if issuer.strip().lower() != "amazonses.com":
        return told
    for method, result, more in _RESULT.findall(f";{results}"):
        name = method.lower()
        if told.get(name) != "pass":
            told[name] = result.lower()
        judged = _HEADER_FROM.search(more) if name == "dmarc" else None
        told |= {"header_from": judged[1].strip("\"'")} if judged else {}
    return told


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
