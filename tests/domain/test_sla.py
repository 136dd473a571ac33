"""Deadlines: what runs when, how tiers shorten it, how pauses move it, and when it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import SLA_BREACHED, SLA_WARNED
from shared.domain.hours import ALWAYS, MINUTE, Hours
from shared.domain.sla import (
    CERTAIN,
    STAGES,
    Deadline,
    Policy,
    ServiceLevels,
    Stage,
    TicketFacts,
    breach_risk,
    deadlines_of,
    is_breached,
    is_warned,
    news_at,
    scale_policy,
    set_deadline,
)
from shared.domain.ticket import STATUSES
from shared.errors import InvalidInput
from tests.builders.hours import BERLIN, starts, wall

TEN = wall("2025-06-16 10:00")  # a Monday
HOUR = 60 * MINUTE
P1 = Policy(ALWAYS, 60, 60, 480)
P3 = Policy(BERLIN, 480, 480, 1920)


def any_facts(
    status: str = "open",
    *,
    opened: int = TEN,
    first_reply: int = 0,
    waiting_since: int = 0,
    pauses: tuple[tuple[int, int], ...] = (),
) -> TicketFacts:
    return TicketFacts(opened, status, first_reply, waiting_since, pauses)


def due(policy: Policy, facts: TicketFacts) -> dict[str, int]:
    return {deadline.kind: deadline.due_ms for deadline in deadlines_of(policy, facts)}


def test_a_new_ticket_promises_a_first_response_and_a_resolution() -> None:
    assert due(P1, any_facts("new")) == {"first_response": TEN + HOUR, "resolution": TEN + 8 * HOUR}
    assert due(P3, any_facts("new")) == {
        "first_response": wall("2025-06-16 18:00"),
        "resolution": wall("2025-06-19 15:00"),
    }


def test_an_urgent_ticket_runs_over_night_and_an_ordinary_one_waits_for_the_morning() -> None:
    friday = any_facts(opened=wall("2025-06-20 16:30"))
    assert due(P1, friday)["first_response"] == wall("2025-06-20 17:30")
    assert due(P3, friday)["first_response"] == wall("2025-06-23 15:30")


@pytest.mark.parametrize(
    ("facts", "running"),
    [
        (any_facts("new"), {"first_response", "resolution"}),
        (any_facts("escalated", waiting_since=TEN), {"first_response", "resolution"}),
        (any_facts("open", first_reply=TEN), {"resolution"}),
        (any_facts("open", first_reply=TEN, waiting_since=TEN + HOUR), {"next_response", "resolution"}),
        (any_facts("pending_approval", first_reply=TEN), {"resolution"}),
        (any_facts("pending_customer"), {"first_response"}),
        (any_facts("pending_customer", first_reply=TEN), set()),
        (any_facts("pending_customer", first_reply=TEN, waiting_since=TEN), {"next_response"}),
        (any_facts("resolved"), set()),
        (any_facts("resolved", waiting_since=TEN), {"next_response"}),  # it came after the solution; nobody read it yet
        (any_facts("closed", waiting_since=TEN), set()),
    ],
)
def test_only_promises_that_are_neither_met_nor_paused_run(facts: TicketFacts, running: set[str]) -> None:
    assert set(due(P1, facts)) == running


def test_a_customer_who_writes_again_is_answered_in_time_from_their_oldest_message() -> None:
    facts = any_facts(first_reply=TEN + HOUR, waiting_since=TEN + 3 * HOUR)
    assert due(P1, facts)["next_response"] == TEN + 4 * HOUR


def test_the_deadlines_come_earliest_first() -> None:
    kinds = [deadline.kind for deadline in deadlines_of(P1, any_facts())]
    assert kinds == ["first_response", "resolution"]
    late_reply = any_facts(first_reply=TEN, waiting_since=TEN + 9 * HOUR)
    assert [deadline.kind for deadline in deadlines_of(P1, late_reply)] == ["resolution", "next_response"]


@pytest.mark.parametrize(
    ("pauses", "moved"),
    [
        (((TEN + HOUR, TEN + 3 * HOUR),), 2 * HOUR),
        (((TEN + HOUR, TEN + 3 * HOUR), (TEN + 2 * HOUR, TEN + 4 * HOUR)), 3 * HOUR),  # counted once where they overlap
        (((TEN - HOUR, TEN + HOUR),), HOUR),  # nothing is paused before it began
        (((TEN + HOUR, TEN + HOUR),), 0),
        (((TEN + 3 * HOUR, TEN + HOUR),), 0),
    ],
)
def test_time_spent_waiting_for_the_customer_is_given_back(pauses: tuple[tuple[int, int], ...], moved: int) -> None:
    assert due(P1, any_facts(pauses=pauses))["resolution"] == TEN + 8 * HOUR + moved


def test_a_pause_over_a_weekend_gives_back_only_business_time() -> None:
    weekend = ((wall("2025-06-20 17:00"), wall("2025-06-23 10:00")),)
    assert due(P3, any_facts(pauses=weekend))["resolution"] == wall("2025-06-19 17:00")
    assert due(P3, any_facts(opened=wall("2025-06-20 09:00"), pauses=weekend))["resolution"] == wall("2025-06-25 16:00")


def test_a_tier_shortens_every_time_and_rounds_up_to_the_minute() -> None:
    levels = ServiceLevels({"P1": replace(P1, first_response=61)}, {"gold": 75, "platinum": 50, "bronze": 100}, BERLIN)
    assert levels.policy("P1", "bronze").first_response == 61
    gold = levels.policy("P1", "gold")
    assert (gold.first_response, gold.next_response, gold.resolution) == (46, 45, 360)
    assert levels.policy("P1", "platinum").first_response == 31


def test_an_unknown_priority_or_tier_is_refused() -> None:
    levels = ServiceLevels({"P1": P1}, {"gold": 75}, BERLIN)
    with pytest.raises(InvalidInput, match="priority"):
        levels.policy("P9", "gold")
    with pytest.raises(InvalidInput, match="tier"):
        levels.policy("P1", "diamond")


@pytest.mark.parametrize(
    ("now", "warned", "breached", "risk"),
    [
        (TEN - HOUR, False, False, 0),
        (TEN, False, False, 0),
        (TEN + 30 * MINUTE, False, False, 5000),
        (TEN + 48 * MINUTE - 1, False, False, 7999),
        (TEN + 48 * MINUTE, True, False, 8000),
        (TEN + 60 * MINUTE, True, False, CERTAIN),  # at the very instant it is kept
        (TEN + 60 * MINUTE + 1, True, True, CERTAIN),
    ],
)
def test_a_deadline_warns_before_it_breaks(now: int, warned: bool, breached: bool, risk: int) -> None:
    deadline = set_deadline("first_response", TEN, 60, P1)
    assert (is_warned(deadline, now), is_breached(deadline, now)) == (warned, breached)
    assert breach_risk(deadline, now, ALWAYS) == risk


def test_no_risk_is_added_while_nobody_works() -> None:
    deadline = set_deadline("first_response", wall("2025-06-20 17:00"), 120, P3)  # due on Monday at 10:00
    closing, opening = wall("2025-06-20 18:00"), wall("2025-06-23 09:00")
    assert breach_risk(deadline, closing, BERLIN) == breach_risk(deadline, opening, BERLIN) == 5000


def test_a_promise_of_no_time_at_all_is_certain_to_break() -> None:
    assert breach_risk(Deadline("resolution", TEN, TEN, TEN), TEN - 1, ALWAYS) == CERTAIN


@pytest.mark.parametrize(
    ("minutes", "told", "event"),
    [
        (47, "running", ""),
        (48, "running", SLA_WARNED),
        (59, "warned", ""),
        (61, "warned", SLA_BREACHED),
        (61, "running", SLA_BREACHED),  # a sweep that came late tells what counts now
        (61, "breached", ""),
        (48, "breached", ""),
    ],
)
def test_each_stage_is_told_once(minutes: int, told: Stage, event: str) -> None:
    assert news_at(set_deadline("first_response", TEN, 60, P1), told, TEN + minutes * MINUTE) == event


@given(st.lists(st.integers(-HOUR, 3 * HOUR), max_size=20))
def test_however_often_a_sweep_looks_it_tells_one_breach_at_most(offsets: list[int]) -> None:
    deadline, told, events = set_deadline("first_response", TEN, 60, P1), STAGES[0], []
    for offset in offsets:
        if event := news_at(deadline, told, TEN + offset):
            events.append(event)
            told = "breached" if event == SLA_BREACHED else "warned"
    assert events.count(SLA_BREACHED) == any(offset > HOUR for offset in offsets)
    assert len(events) == len(set(events))


policies = st.builds(
    Policy,
    st.sampled_from([ALWAYS, BERLIN]),
    st.integers(1, 2000),
    st.integers(1, 2000),
    st.integers(1, 5000),
    st.integers(1, 100),
)
pauses = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**8)), max_size=4)


@given(policies, starts, st.sampled_from(STATUSES), pauses, st.integers(-(10**9), 10**9))
def test_warnings_never_come_after_the_deadline_and_risk_stays_in_its_range(
    policy: Policy, opened: int, status: str, paused: list[tuple[int, int]], later: int
) -> None:
    facts = any_facts(status, opened=opened, pauses=tuple((opened + a, opened + a + b) for a, b in paused))
    for deadline in deadlines_of(policy, facts):
        assert deadline.started_ms <= deadline.warn_ms <= deadline.due_ms
        assert 0 <= breach_risk(deadline, opened + later, policy.hours) <= CERTAIN
        assert breach_risk(deadline, deadline.due_ms, policy.hours) == CERTAIN
        if opened + later > deadline.due_ms:
            assert is_warned(deadline, opened + later)


@given(policies, starts, st.integers(1, 100))
def test_a_better_tier_is_never_served_later(policy: Policy, opened: int, percent: int) -> None:
    facts = any_facts(opened=opened)
    better, usual = due(scale_policy(policy, percent), facts), due(policy, facts)
    assert all(better[kind] <= usual[kind] for kind in usual)


@given(policies, starts, pauses)
def test_a_pause_never_brings_a_deadline_forward(policy: Policy, opened: int, paused: list[tuple[int, int]]) -> None:
    periods = tuple((opened + a, opened + a + b) for a, b in paused)
    assert (
        due(policy, any_facts(opened=opened, pauses=periods))["resolution"]
        >= due(policy, any_facts(opened=opened))["resolution"]
    )


def test_hours_of_one_zone_serve_a_ticket_from_any_other() -> None:
    auckland = Policy(Hours("Pacific/Auckland", BERLIN.week), 60, 60, 60)
    assert due(auckland, any_facts(opened=TEN))["first_response"] == wall("2025-06-17 10:00", "Pacific/Auckland")
