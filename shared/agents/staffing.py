"""Which operator: by role, level and skill; among equals the conversation's name decides, which spreads the load."""

from __future__ import annotations

from collections.abc import Sequence

from shared.company.company import Operator, Rung, Staff
from shared.conversations.keys import digest


def rung_of(ladder: Sequence[Rung], from_rung: int, kind: str) -> int:
    """The next rung; an approval begins on the first rung whose people may approve."""
    start = from_rung + 1
    if kind == "approval":
        start = max(start, next(i for i, rung in enumerate(ladder) if rung.role == "approver"))
    return min(start, len(ladder) - 1)


def choose_operator(staff: Staff, rung: Rung, skill: str, conversation: str) -> str:
    """One operator's id: on the rung with the skill, else with the skill, else on the rung, else with the role."""
    with_role = [each for each in staff.operators if rung.role in each.roles]
    on_rung = [each for each in with_role if each.level == rung.level]
    skilled = [each for each in with_role if skill in each.skills]
    both = [each for each in on_rung if skill in each.skills]
    return min(both or skilled or on_rung or with_role, key=lambda each: digest(conversation, each.id)).id


def find_operator(staff: Staff, operator: str) -> Operator | None:
    return next((each for each in staff.operators if each.id == operator), None)
