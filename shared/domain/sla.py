"""What was promised to a customer: policies, the deadlines that run, and how near a breach is. Times in epoch ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from shared.domain.events import SLA_BREACHED, SLA_WARNED
from shared.domain.hours import MINUTE, Hours, add_business_ms, business_ms_between
from shared.domain.ticket import PRIORITIES, TIERS, read_name

Kind = Literal["first_response", "next_response", "resolution"]
Stage = Literal["running", "warned", "breached"]

CERTAIN = 10_000  # basis points
DONE = frozenset({"resolved", "closed"})
PAUSED = frozenset({"pending_customer"})
STAGES: tuple[Stage, ...] = ("running", "warned", "breached")
NEWS = {"warned": SLA_WARNED, "breached": SLA_BREACHED}


@dataclass(frozen=True, slots=True)
class Policy:
    """Minutes of `hours` until each deadline; `warn_at` is the percentage after which an operator is warned."""

    hours: Hours
    first_response: int
    next_response: int
    resolution: int
    warn_at: int = 80


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """A policy for each priority, and each tier's share of its times in percent; `hours` are the company's."""

    policies: Mapping[str, Policy]
    shares: Mapping[str, int]
    hours: Hours

    def policy(self, priority: str, tier: str) -> Policy:
        """What is promised to a tier at a priority, in minutes rounded up; raises InvalidInput for an unknown name."""
        policy = self.policies[read_name(priority, PRIORITIES, {}, "priority")]
        return scale_policy(policy, self.shares[read_name(tier, TIERS, {}, "tier")])


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What deadlines depend on.

    `first_reply`: when the customer first got a reply that was not an interim one, or an operator's; 0: not yet.
    `waiting_since`: when the oldest message came that no such reply has answered; 0: none waits.
    `pauses`: finished periods in which the ticket waited for the customer (pending_customer, or resolved and reopened).
    """

    opened: int
    status: str
    first_reply: int = 0
    waiting_since: int = 0
    pauses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A promise that runs: from `started_ms`, warned at `warn_ms`, broken after `due_ms`."""

    kind: Kind
    due_ms: int
    warn_ms: int
    started_ms: int


def scale_policy(policy: Policy, percent: int) -> Policy:
    """A policy with a tier's share of its times, rounded up to the minute."""
    return replace(
        policy,
        first_response=-(-policy.first_response * percent // 100),
        next_response=-(-policy.next_response * percent // 100),
        resolution=-(-policy.resolution * percent // 100),
    )


def deadlines_of(policy: Policy, facts: TicketFacts) -> tuple[Deadline, ...]:
    """The deadlines that run now, the earliest first; what is met, paused or over has none."""
    if facts.status == "closed":
        return ()
    running = [_response(policy, facts), _resolution(policy, facts)]
    return tuple(sorted((each for each in running if each), key=lambda deadline: deadline.due_ms))


def set_deadline(kind: Kind, started_ms: int, minutes: int, policy: Policy) -> Deadline:
    """A deadline `minutes` of business time after its start, with its warning."""
    warn_after = minutes * MINUTE * policy.warn_at // 100
    due = add_business_ms(started_ms, minutes * MINUTE, policy.hours)
    return Deadline(kind, due, add_business_ms(started_ms, warn_after, policy.hours), started_ms)


def is_warned(deadline: Deadline, now: int) -> bool:
    return now >= deadline.warn_ms


def is_breached(deadline: Deadline, now: int) -> bool:
    """Whether the promise is broken; at the very instant it is still kept."""
    return now > deadline.due_ms


def breach_risk(deadline: Deadline, now: int, hours: Hours) -> int:
    """The share of the time that has passed, 0 to 10,000 basis points; 10,000 from the deadline on."""
    total = business_ms_between(deadline.started_ms, deadline.due_ms, hours)
    if now >= deadline.due_ms or total <= 0:
        return CERTAIN
    return max(0, business_ms_between(deadline.started_ms, now, hours)) * CERTAIN // total


def stage_at(deadline: Deadline, now: int) -> Stage:
    """How far a deadline has come."""
    if is_breached(deadline, now):
        return "breached"
    return "warned" if is_warned(deadline, now) else "running"


def news_at(deadline: Deadline, told: Stage, now: int) -> str:
    """The event that is due where only `told` was told, or nothing: a stage is told once, and none afterwards (I21)."""
    stage = stage_at(deadline, now)
    return NEWS[stage] if STAGES.index(stage) > STAGES.index(told) else ""


def _response(policy: Policy, facts: TicketFacts) -> Deadline | None:
    if not facts.first_reply and facts.status not in DONE:
        return set_deadline("first_response", facts.opened, policy.first_response, policy)
    if facts.waiting_since:
        return set_deadline("next_response", facts.waiting_since, policy.next_response, policy)
    return None


def _resolution(policy: Policy, facts: TicketFacts) -> Deadline | None:
    """Pauses move the start: the time before them stays used, and the whole time still lies between start and due."""
    if facts.status in DONE | PAUSED:
        return None
    started = facts.opened
    if paused := _paused_ms(facts, policy.hours):
        started = add_business_ms(facts.opened, paused, policy.hours)
    return set_deadline("resolution", started, policy.resolution, policy)


def _paused_ms(facts: TicketFacts, hours: Hours) -> int:
    total, counted = 0, facts.opened
    for since, until in sorted(facts.pauses):
        begins = max(since, counted)
        if until > begins:
            total += business_ms_between(begins, until, hours)
            counted = until
    return total
