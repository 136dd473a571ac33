"""The routing score and the consensus in numbers, all in basis points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.company.company import Company
from shared.domain.routing import (
    CONSENSUS,
    TIE_ORDER,
    UNIT,
    best_target,
    complexity,
    consensus,
    score_targets,
)

ROUTING = Company().routing


def scores(intent: str, tier: str, confidence: int = UNIT, extra: int = 0) -> dict[str, int]:
    return score_targets(ROUTING.weights[intent], ROUTING.tiers[tier], confidence, extra)


@pytest.mark.parametrize(
    ("level", "attempts", "negative", "extra"),
    [(0, 0, False, 0), (1, 0, False, 1000), (0, 1, False, 2000), (0, 0, True, 3000), (3, 2, True, 10_000)],
)
def test_complexity_counts_level_attempts_and_mood(level: int, attempts: int, negative: bool, extra: int) -> None:
    assert complexity(level, attempts, negative) == extra


@pytest.mark.parametrize(
    ("intent", "tier", "target", "score"),
    [
        ("faq", "bronze", "general", UNIT),  # 0.9 × 1.2, clamped
        ("faq", "silver", "general", 9900),
        ("technical", "bronze", "technical", 8000),
        ("technical", "bronze", "general", 3600),
        ("technical", "gold", "technical", 8800),
        ("technical", "silver", "general", 3300),
        ("billing", "platinum", "billing", 9000),
        ("sales", "bronze", "general", 1200),
        ("account", "bronze", "general", 2400),
        ("coordinator", "platinum", "coordinator", UNIT),
    ],
)
def test_a_sure_intent_scores_its_weight_times_the_tiers_multiplier(
    intent: str, tier: str, target: str, score: int
) -> None:
    assert scores(intent, tier)[target] == score


def test_complexity_reaches_technical_and_expert_by_half_and_the_coordinator_in_full() -> None:
    found = scores("billing", "silver", extra=complexity(1, 1, True))
    assert (found["technical"], found["expert"], found["coordinator"], found["billing"]) == (3000, 3000, 6000, 9000)


def test_a_complex_case_of_an_unsure_intent_goes_to_the_coordinator() -> None:
    assert best_target(scores("technical", "platinum", confidence=5000, extra=9000)) == "coordinator"
    assert best_target(scores("technical", "platinum", confidence=5000)) == "technical"


@pytest.mark.parametrize("intent", sorted(set(ROUTING.weights) - {"faq"}))
def test_a_simple_case_goes_to_its_own_agent_in_every_tier(intent: str) -> None:
    assert {best_target(scores(intent, tier)) for tier in ROUTING.tiers} == {intent}


@given(st.permutations(TIE_ORDER), st.integers(0, UNIT))
def test_ties_break_by_the_fixed_order(order: list[str], score: int) -> None:
    for first in range(len(TIE_ORDER)):
        tied = {target: score for target in order if TIE_ORDER.index(target) >= first}
        assert best_target(tied) == TIE_ORDER[first]


def test_nothing_known_at_all_still_has_a_target() -> None:
    assert best_target(score_targets({}, {}, 0, 0)) == "technical"


weights = st.dictionaries(st.sampled_from(TIE_ORDER), st.integers(0, UNIT))
multipliers = st.dictionaries(st.sampled_from(TIE_ORDER), st.integers(0, 20_000))


@given(weights, multipliers, st.integers(0, UNIT), st.integers(0, 50_000))
def test_every_score_lies_between_nothing_and_certainty(
    weighed: dict[str, int], tier: dict[str, int], confidence: int, extra: int
) -> None:
    found = score_targets(weighed, tier, confidence, extra)
    assert all(0 <= score <= UNIT for score in found.values())
    assert set(weighed) <= set(found)


@given(weights, multipliers, st.integers(0, UNIT - 1), st.integers(0, 9999))
def test_more_confidence_or_complexity_never_lowers_a_score(
    weighed: dict[str, int], tier: dict[str, int], confidence: int, extra: int
) -> None:
    found = score_targets(weighed, tier, confidence, extra)
    surer = score_targets(weighed, tier, confidence + 1, extra)
    harder = score_targets(weighed, tier, confidence, extra + 1)
    assert all(surer[target] >= score and harder[target] >= score for target, score in found.items())


@pytest.mark.parametrize(
    ("votes", "agreed"),
    [
        ([], 0),
        ([(True, 9000, 10_000)], 9000),
        ([(False, 9000, 10_000)], 0),
        ([(True, 9000, 10_000), (True, 8000, 10_000)], 8500),
        ([(True, 9000, 10_000), (False, 9000, 10_000)], 4500),
        ([(True, 9000, 30_000), (False, 9000, 10_000)], 6750),
        ([(True, UNIT, 0)], 0),
    ],
)
def test_consensus_weighs_votes_by_expertise(votes: list[tuple[bool, int, int]], agreed: int) -> None:
    assert consensus(votes) == agreed


some_votes = st.lists(st.tuples(st.booleans(), st.integers(0, UNIT), st.integers(1, 20_000)), min_size=1)


@given(some_votes)
def test_consensus_lies_within_what_was_voted(votes: list[tuple[bool, int, int]]) -> None:
    voted = [confidence if decision else 0 for decision, confidence, _ in votes]
    assert min(voted) <= consensus(votes) <= max(voted)


@given(st.lists(st.tuples(st.just(True), st.integers(CONSENSUS, UNIT), st.integers(1, 20_000)), min_size=1))
def test_a_unanimous_sure_yes_never_fails(votes: list[tuple[bool, int, int]]) -> None:
    assert consensus(votes) >= CONSENSUS
