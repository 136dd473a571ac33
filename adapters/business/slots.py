"""The arguments of a connector's operations, checked before anything is sent (T8, T9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.errors import InvalidInput

Arguments = dict[str, Any]
Slot = Callable[[str, Any], None]
MOST_MINOR = 99_999_999  # Stripe takes eight digits; nobody's support refunds more


def check(slots: Mapping[str, Slot], arguments: Arguments) -> None:
    """Hold arguments to exactly the slots of an operation; raises InvalidInput naming the first that is wrong."""
    wrong = slots.keys() ^ arguments.keys()
    if wrong:
        limit = ", ".join(sorted(slots)) or "none"
        raise InvalidInput("missing or unknown", field=min(wrong), limit=limit, action="give exactly these arguments")
    for name, slot in slots.items():
        slot(name, arguments[name])


def matching(pattern: str, limit: str) -> Slot:
    """A text that a pattern describes, `limit` saying it in words."""
    shape = re.compile(pattern)

    def slot(name: str, given: Any) -> None:
        if not isinstance(given, str) or not shape.fullmatch(given):
            raise InvalidInput(f"{name} is not acceptable", field=name, limit=limit, action=f"correct {name}")

    return slot


def amount(name: str, given: Any) -> None:
    """Minor units: an integer above 0, never a float, a text or a truth value."""
    if type(given) is not int or not 0 < given <= MOST_MINOR:
        limit = f"an integer from 1 to {MOST_MINOR}"
        raise InvalidInput("not an amount", field=name, limit=limit, action="give minor units")


text = matching(r"[^\x00-\x1f\x7f]{1,300}", "1 to 300 characters on one line")
currency = matching(r"[A-Z]{3}", "an ISO 4217 code in capitals")
