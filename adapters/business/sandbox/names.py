"""Ids, numbers as customers write them, and dates relative to the company's moment."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta


def new_id(prefix: str, key: str) -> str:
    """An id that follows from the action's key, so that doing it again would name the same thing."""
    return f"{prefix}_{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def as_number(prefix: str, text: str) -> str:
    """An order or invoice number as it is filed: `#10231`, `ord 10231` and `ORD-10231` are one."""
    digits = re.sub(r"\D", "", text)
    return f"{prefix}-{digits}" if digits else text


def later(moment: str, *, days: int) -> str:
    """The date some days after (or before) an ISO moment."""
    return (datetime.fromisoformat(moment) + timedelta(days=days)).date().isoformat()
