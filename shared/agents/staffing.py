"""Which operator: by role, level and skill; among equals the conversation's name decides, which spreads the load."""

from __future__ import annotations

from shared.company.company import Operator, Rung, Staff
from shared.conversations.keys import digest


def rung_of(staff: Staff, from_rung: int, kind: str, skill: str) -> int:
    """The next rung; the first one is where somebody has the skill, and for an approval may approve."""
    last = len(staff.ladder) - 1
    if from_rung >= 0:
        return min(from_rung + 1, last)
    fits = (number for number, rung in enumerate(staff.ladder) if _begins_on(staff, rung, kind, skill))
    return next(fits, last)


def choose_operator(staff: Staff, rung: Rung, skill: str, conversation: str) -> str:
    """One operator's id: on the rung with the skill, else on the rung, else anybody with the role."""
    with_role = _holders(staff, rung.role)
    on_rung = [each for each in with_role if each.level == rung.level]
    skilled = [each for each in on_rung if skill in each.skills]
    return min(skilled or on_rung or with_role, key=lambda each: digest(conversation, each.id)).id


def find_operator(staff: Staff, operator: str) -> Operator | None:
    return next((each for each in staff.operators if each.id == operator), None)


def _holders(staff: Staff, role: str) -> list[Operator]:
    return [each for each in staff.operators if role in each.roles]


def _begins_on(staff: Staff, rung: Rung, kind: str, skill: str) -> bool:
    may = kind != "approval" or rung.role == "approver"
    return may and any(each.level == rung.level and skill in each.skills for each in staff.operators)
