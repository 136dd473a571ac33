"""Combining: findings become one outcome and one draft; one cause behind two symptoms is said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.company.company import Company
from shared.domain.finding import FINDING_STATES, Finding
from shared.domain.routing import CONSENSUS, consensus
from shared.privacy.vault import Vault

PERSON_STATES = ("failed", "needs_escalation")


@dataclass(frozen=True, slots=True)
class Told:
    """What a finding says, opened."""

    finding: Finding
    reply: str
    cause_text: str


@dataclass(frozen=True, slots=True)
class Combined:
    """`outcome`: reply, approval (an approver has to decide first) or person; `sealed` holds the draft."""

    outcome: str
    reason: str
    sealed: str
    confidence: int
    follow_up: int = 0
    pending: bool = False


def open_findings(vault: Vault, tenant: str, subject: str, findings: Sequence[Finding]) -> list[Told]:
    """Findings with their words, in order; one that found nothing counts only where there is no other."""
    useful = [finding for finding in findings if finding.state != "nothing"] or list(findings)
    opened = []
    for finding in sorted(useful, key=lambda each: (each.origin, each.index)):
        told = vault.open(tenant, subject, finding.sealed) if finding.sealed else {"reply": "", "cause_text": ""}
        opened.append(Told(finding, told["reply"], told["cause_text"]))
    return opened


def decide_outcome(told: Sequence[Told]) -> tuple[str, str]:
    """The outcome and its reason: that of the worst finding; several have to agree (requirements §11.5)."""
    if not told:
        return "person", "no_finding"
    findings = [each.finding for each in told]
    worst = min(findings, key=lambda finding: FINDING_STATES.index(finding.state))
    if reason := _why_person(findings, worst):
        return "person", reason
    if worst.state == "needs_approval":
        return "approval", worst.reason
    return ("reply", "solved") if _agree(findings) else ("person", "no_consensus")


def _why_person(findings: Sequence[Finding], worst: Finding) -> str:
    """Why only a person can go on; empty where nothing speaks for it."""
    if worst.state in PERSON_STATES:
        return worst.reason or worst.state
    if worst.state == "nothing":
        return "nothing_found"
    return "suggest_only" if any(finding.mode == "suggest" for finding in findings) else ""


def _agree(findings: Sequence[Finding]) -> bool:
    votes = [(True, finding.confidence, finding.expertise) for finding in findings]
    return len(votes) < 2 or consensus(votes) >= CONSENSUS


def write_body(told: Sequence[Told]) -> str:
    """The draft's paragraphs: a shared cause once, then each finding's own words once."""
    paragraphs: list[str] = []
    for each in told:
        for paragraph in (each.cause_text, each.reply):
            if paragraph and paragraph not in paragraphs:
                paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def dress(company: Company, body: str, *, tier: str, channel: str, language: str) -> str:
    """A body as the customer reads it: greeting and closing where it is a letter, and who wrote it, honestly."""
    if not body:
        return ""
    style = company.tiers.get(tier, company.tiers["bronze"])
    honesty = company.phrases["honesty"].get(language, company.phrases["honesty"]["en"])
    if channel != "email":
        return f"{body}\n\n{honesty}"
    return f"{style.greeting}\n\n{body}\n\n{style.closing}\n\n{honesty}"
