"""Review the draft: nothing leaves that no tool, passage or ledger entry backs, and nothing that should not be seen."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.ending import read_findings
from shared.agents.reviewing import find_faults, strip_unsafe
from shared.company.company import Company
from shared.conversations.reading import StepAnswer, TurnState
from shared.knowledge.library import Library
from shared.ports.records import Records
from shared.privacy.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInput(TurnState):
    """The turn, its findings and the draft."""

    findings: tuple[StepAnswer, ...]
    combined: StepAnswer


@dataclass(frozen=True, slots=True)
class Review:
    """`verdict`: send or hold, with the faults; `sealed` is the draft without what may not leave."""

    verdict: str
    faults: tuple[str, ...]
    sealed: str


def handle(task: ReviewInput, *, records: Records, vault: Vault, library: Library, company: Company) -> Review:
    """Hold a draft that has a fault; images and foreign links are taken out of one that has none (T15, T16)."""
    draft = vault.open(task.tenant, task.subject, task.combined.output["sealed"])["draft"]
    findings = read_findings(task.findings)
    faults = find_faults(records, library, task.tenant, draft, findings)
    sealed = vault.seal(task.tenant, task.subject, {"draft": strip_unsafe(draft, company.identity.link_hosts)})
    return Review("hold" if faults else "send", faults, sealed)
