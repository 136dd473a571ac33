"""Combine what the specialists found into one outcome and one draft."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.combining import Combined, decide_outcome, open_findings, write_body
from shared.agents.ending import read_findings
from shared.conversations.reading import StepAnswer, TurnState
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class CombineInput(TurnState):
    """The turn and its findings."""

    findings: tuple[StepAnswer, ...]


def handle(task: CombineInput, *, vault: Vault) -> Combined:
    """One cause, two symptoms; consensus; the worst finding decides what happens next."""
    told = open_findings(vault, task.tenant, task.subject, read_findings(task.findings))
    outcome, reason = decide_outcome(told)
    return Combined(
        outcome,
        reason,
        vault.seal(task.tenant, task.subject, {"draft": write_body(told)}),
        min((each.finding.confidence for each in told), default=0),
        max((each.finding.follow_up for each in told), default=0),
        any(each.finding.state == "pending" for each in told),
    )
