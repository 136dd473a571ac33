"""What the company's systems promise about repeated actions: each seed deals with systems of one sort."""

from __future__ import annotations

import random

from adapters.business.sandbox.operations import CONTRACTS
from shared.ports.business_systems import ActionContract

Terms = dict[str, ActionContract]
ACTING = ("billing", "accounts", "orders")
MINUTE, DAY = 60, 86_400
# name -> the contract of every system that acts; times in seconds
SORTS: dict[str, ActionContract] = {
    "sandbox": CONTRACTS["billing"],
    "slow": ActionContract(window=DAY, late_bound=60, looks_up=True, saves_failures=True, answers_within=20),
    "forgetful": ActionContract(window=2 * MINUTE, late_bound=60, looks_up=True, answers_within=10),
    "blind": ActionContract(window=DAY, late_bound=60, looks_up=False, answers_within=20),
    "mute": ActionContract(window=0, late_bound=None, looks_up=False, answers_within=20),
}
ODDS = (4, 3, 2, 1, 2)


def make_terms(sort: str) -> Terms:
    """The contracts of every system, those that act being of one sort."""
    return CONTRACTS | dict.fromkeys(ACTING, SORTS[sort])


def choose_sort(seed: int) -> str:
    """The sort of systems that a seed deals with."""
    chooser = random.Random(f"terms {seed}")  # noqa: S311 - to be repeated
    return chooser.choices(tuple(SORTS), ODDS)[0]
