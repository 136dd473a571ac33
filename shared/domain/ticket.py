"""A ticket: the promise to solve; its status moves only along a table of legal transitions."""

from __future__ import annotations

from shared.errors import InvalidInput, WrongState

STATUSES = ("new", "open", "pending_customer", "pending_approval", "escalated", "resolved", "closed")

# What the other vocabularies call the same thing (requirements §11.3).
ALIASES = {"in_progress": "open", "archived": "closed", "pending": "pending_customer"}

# from -> the statuses that may follow; a status may always follow itself
TRANSITIONS: dict[str, frozenset[str]] = {
    "new": frozenset({"open", "pending_customer", "pending_approval", "escalated", "resolved", "closed"}),
    "open": frozenset({"pending_customer", "pending_approval", "escalated", "resolved", "closed"}),
    "pending_customer": frozenset({"open", "pending_approval", "escalated", "resolved", "closed"}),
    "pending_approval": frozenset({"open", "pending_customer", "escalated", "resolved", "closed"}),
    "escalated": frozenset({"open", "pending_customer", "pending_approval", "resolved", "closed"}),
    "resolved": frozenset({"open", "pending_customer", "pending_approval", "escalated", "closed"}),
    "closed": frozenset(),  # writing after it closed opens a linked ticket
}

# A ticket that spans conversations is as unfinished as its least finished conversation.
LEAST_FINISHED_FIRST = ("escalated", "pending_approval", "open", "new", "pending_customer", "resolved", "closed")

PRIORITIES = ("P1", "P2", "P3", "P4")
PRIORITY_ALIASES = {"critical": "P1", "urgent": "P1", "high": "P2", "medium": "P3", "normal": "P3", "low": "P4"}
TIERS = ("bronze", "silver", "gold", "platinum")
TIER_ALIASES = {"basic": "bronze", "pro": "silver", "enterprise": "platinum"}


def move_ticket(status: str, to: str) -> str:
    """The status after a move; raises WrongState where the table has no such transition."""
    if to == status or to in TRANSITIONS[status]:
        return to
    raise WrongState(
        f"a ticket that is {status} cannot become {to}",
        field="status",
        limit=", ".join(sorted(TRANSITIONS[status])) or "nothing: it is final",
        action="open a linked ticket" if status == "closed" else "choose a legal status",
    )


def join_statuses(statuses: list[str]) -> str:
    """The status of a ticket whose conversations stand at `statuses`."""
    return min(statuses, key=LEAST_FINISHED_FIRST.index)


def read_name(value: str, names: tuple[str, ...], aliases: dict[str, str], field: str) -> str:
    """A status, priority or tier by name or alias, in any case; raises InvalidInput."""
    for candidate in (value, value.upper(), value.lower()):
        found = aliases.get(candidate, candidate)
        if found in names:
            return found
    raise InvalidInput(f"unknown {field}", field=field, limit=", ".join(names), action=f"use a known {field}")


def read_priority(value: str) -> str:
    """A priority by name or alias; raises InvalidInput."""
    return read_name(value, PRIORITIES, PRIORITY_ALIASES, "priority")
