"""How long a ticket lives on after it was solved (lifecycle.toml)."""

from __future__ import annotations

from shared.company.company import Company
from shared.errors import Misconfigured

HOUR_MS = 3_600_000
LONGEST_HOURS = 8_760


def close_after_ms(company: Company) -> int:
    """Milliseconds of silence after which a resolved ticket is closed; raises Misconfigured."""
    hours = company.table("lifecycle").get("close_after_hours")
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= LONGEST_HOURS:
        raise Misconfigured(f"lifecycle.toml: close_after_hours: a whole number from 1 to {LONGEST_HOURS}")
    return hours * HOUR_MS
