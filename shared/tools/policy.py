"""What may be done: default deny, one small rule after another, one reason per rule. No text can argue with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.company.company import Company, Threshold
from shared.domain.verdict import Verdict
from shared.tools.tool import Tool

PRIVATE = frozenset({"confidential", "restricted"})
GUARDED = frozenset({"money", "irreversible"})


@dataclass(frozen=True, slots=True)
class Request:
    """One call as policy sees it: who asks, for whom, in which mode, and how much money moves."""

    tool: Tool
    agent: str
    customer: str
    tier: str
    mode: str
    suspicious: bool
    amount_minor: int = 0
    currency: str = ""


Rule = Callable[[Request, Company], Verdict | None]


def refuse_other_agents(request: Request, company: Company) -> Verdict | None:
    return None if request.agent in request.tool.agents else Verdict("deny", "agent_not_allowed")


def refuse_unknown_customers(request: Request, company: Company) -> Verdict | None:
    private = request.tool.effect != "none" or request.tool.data in PRIVATE
    return Verdict("deny", "customer_unknown") if private and not request.customer else None


def refuse_outside_live(request: Request, company: Company) -> Verdict | None:
    return Verdict("deny", "suggest_only") if request.tool.effect != "none" and request.mode != "live" else None


def refuse_other_currencies(request: Request, company: Company) -> Verdict | None:
    threshold = find_threshold(request.tool, company)
    if threshold is None or not request.amount_minor:
        return None
    return None if request.currency == threshold.currency else Verdict("deny", "currency_without_threshold")


def allow_harmless(request: Request, company: Company) -> Verdict | None:
    return Verdict("allow", request.tool.effect) if request.tool.effect not in GUARDED else None


def ask_when_suspicious(request: Request, company: Company) -> Verdict | None:
    return _ask(request, company, "suspicious", at_least=1) if request.suspicious else None


def ask_above_threshold(request: Request, company: Company) -> Verdict | None:
    threshold = find_threshold(request.tool, company)
    if threshold is None:
        return None
    if request.tool.effect == "money" and request.amount_minor <= threshold.tiers.get(
        request.tier, threshold.auto_below
    ):
        return Verdict("allow", "below_threshold")
    return _ask(request, company, "above_threshold", at_least=1)


RULES: tuple[Rule, ...] = (
    refuse_other_agents,
    refuse_unknown_customers,
    refuse_outside_live,
    allow_harmless,
    refuse_other_currencies,
    ask_when_suspicious,
    ask_above_threshold,
)


def judge(request: Request, company: Company) -> Verdict:
    """The first rule that has something to say; silence means no."""
    return next((verdict for rule in RULES if (verdict := rule(request, company))), Verdict("deny", "default"))


def find_threshold(tool: Tool, company: Company) -> Threshold | None:
    return company.approvals.get(tool.approval) if tool.approval else None


def _ask(request: Request, company: Company, rule: str, *, at_least: int) -> Verdict:
    threshold = find_threshold(request.tool, company)
    if threshold is None:
        return Verdict("deny", "no_threshold")
    return Verdict(
        "approve", rule, max(at_least, 2 if request.amount_minor >= threshold.two_above else 1), threshold.role
    )
