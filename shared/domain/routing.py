"""The routing score of requirements §11.6 and consensus of §11.5, in basis points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

UNIT = 10_000
TIE_ORDER = ("general", "billing", "sales", "technical", "expert", "coordinator", "account")
COMPLEXITY_SHARE = {"technical": 5_000, "expert": 5_000, "coordinator": 10_000}
CONSENSUS = 7_000


def complexity(level: int, failed_attempts: int, negative: bool) -> int:
    """Escalation level × 0.1 + failed attempts × 0.2 + 0.3 where the mood is negative or frustrated."""
    return level * 1_000 + failed_attempts * 2_000 + (3_000 if negative else 0)


def score_targets(
    weights: Mapping[str, int], tier_multipliers: Mapping[str, int], confidence: int, extra: int
) -> dict[str, int]:
    """Each target's score, clamped to 0..10,000; `weights` are the intent's, `tier_multipliers` the tier's."""
    targets = sorted(set(weights) | set(COMPLEXITY_SHARE))
    return {
        target: min(
            UNIT,
            confidence * weights.get(target, 0) * tier_multipliers.get(target, UNIT) // (UNIT * UNIT)
            + extra * COMPLEXITY_SHARE.get(target, 0) // UNIT,
        )
        for target in targets
    }


def best_target(scores: Mapping[str, int]) -> str:
    """The target with the highest score; ties break by the order of requirements §11.6."""
    return min(scores, key=lambda target: (-scores[target], TIE_ORDER.index(target)))


def consensus(votes: Sequence[tuple[bool, int, int]]) -> int:
    """Σ(decision × confidence × expertise) / Σ(expertise) over `(decision, confidence, expertise)`; 0 without votes."""
    weight = sum(expertise for _, _, expertise in votes)
    total = sum(confidence * expertise for decision, confidence, expertise in votes if decision)
    return total // weight if weight else 0
