"""Whether a message asks that something be left alone: then its playbooks look, and change nothing."""

from __future__ import annotations

import re

# "Do not cancel …" asks for nothing; "I do not remember my password" and "it does not work" are no such orders.
_PLEA = re.compile(
    r"(?:^|[.!?;:\n]\s*|\bplease\s+|\bbut\s+|\bso\s+)(?:please\s+)?(?:do not|don't|dont|never|bitte nicht)\s+"
    r"(?!have|know|remember|understand|see|get|receive|want|need|like|think|find|work|recognise|recognize|forget\b)\w+",
    re.IGNORECASE,
)


def asks_to_leave(text: str) -> bool:
    """Whether an order not to do something stands in the text."""
    return _PLEA.search(text.replace("\u2019", "'")) is not None
