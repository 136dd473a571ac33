"""Quarantine: paragraphs that try to give orders are kept for people and left out of everything that is understood.

What is left is the message without them, so that tools and arguments are those of the clean message (T2, T3).
"""

from __future__ import annotations

import re

from shared.understanding.injection import THRESHOLD, detect

PARAGRAPHS = re.compile(r"\n\s*\n")


def leave_out_orders(text: str) -> str:
    """The text without suspicious paragraphs; without suspicious lines where it is only one; else unchanged."""
    for pieces, joint in ((PARAGRAPHS.split(text), "\n\n"), (text.splitlines(), "\n")):
        kept = [piece for piece in pieces if detect(piece).score < THRESHOLD]
        if kept and len(kept) < len(pieces) and any(piece.strip() for piece in kept):
            return joint.join(kept)
    return text
