"""A ticket moves along its table and no other way."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ticket import (
    ALIASES,
    LEAST_FINISHED_FIRST,
    PRIORITIES,
    PRIORITY_ALIASES,
    STATUSES,
    TIER_ALIASES,
    TIERS,
    TRANSITIONS,
    join_statuses,
    move_ticket,
    read_name,
)
from shared.errors import InvalidInput, WrongState

LIVE = {"open", "pending_customer", "pending_approval", "escalated", "resolved"}
LEGAL = (
    {("new", to) for to in LIVE | {"closed"}}
    | {(status, to) for status in LIVE for to in (LIVE | {"closed"}) - {status}}
    | {(status, status) for status in STATUSES}
)


@pytest.mark.parametrize(("status", "to"), sorted(LEGAL))
def test_a_legal_move_is_made(status: str, to: str) -> None:
    assert move_ticket(status, to) == to


@pytest.mark.parametrize(("status", "to"), sorted(set(itertools.product(STATUSES, STATUSES)) - LEGAL))
def test_every_other_move_is_refused_and_changes_nothing(status: str, to: str) -> None:
    with pytest.raises(WrongState) as refused:
        move_ticket(status, to)
    assert refused.value.field == "status"
    assert refused.value.action


@pytest.mark.parametrize("to", ["", "done", "in_progress"])
def test_a_status_that_does_not_exist_cannot_be_reached(to: str) -> None:
    with pytest.raises(WrongState):
        move_ticket("open", to)


def test_the_table_speaks_of_every_status_and_of_no_other() -> None:
    assert set(TRANSITIONS) == set(STATUSES) == set(LEAST_FINISHED_FIRST)
    assert set().union(*TRANSITIONS.values()) <= set(STATUSES)


def test_nothing_is_new_again_and_nothing_leaves_closed() -> None:
    assert not any("new" in following for following in TRANSITIONS.values())
    assert TRANSITIONS["closed"] == frozenset()


@pytest.mark.parametrize(
    ("statuses", "joined"),
    [
        (["resolved", "open"], "open"),
        (["closed", "resolved"], "resolved"),
        (["pending_customer", "new"], "new"),
        (["pending_approval", "escalated", "closed"], "escalated"),
        (["open", "pending_approval"], "pending_approval"),
        (["closed"], "closed"),
    ],
)
def test_a_ticket_is_as_unfinished_as_its_least_finished_conversation(statuses: list[str], joined: str) -> None:
    assert join_statuses(statuses) == joined


some_statuses = st.lists(st.sampled_from(STATUSES), min_size=1)


@given(some_statuses, st.randoms())
def test_the_joined_status_is_one_of_them_in_any_order(statuses: list[str], random: Random) -> None:
    shuffled = statuses.copy()
    random.shuffle(shuffled)
    assert join_statuses(statuses) == join_statuses(shuffled) in statuses


@given(some_statuses, some_statuses)
def test_joining_in_two_steps_is_joining_at_once(some: list[str], others: list[str]) -> None:
    assert join_statuses([join_statuses(some), join_statuses(others)]) == join_statuses(some + others)


@pytest.mark.parametrize(
    ("names", "aliases"), [(STATUSES, ALIASES), (PRIORITIES, PRIORITY_ALIASES), (TIERS, TIER_ALIASES)]
)
def test_names_and_aliases_are_read_in_any_case(names: tuple[str, ...], aliases: dict[str, str]) -> None:
    for name in names:
        assert read_name(name.upper(), names, aliases, "x") == read_name(name.lower(), names, aliases, "x") == name
    for alias, name in aliases.items():
        assert read_name(alias.upper(), names, aliases, "x") == read_name(alias, names, aliases, "x") == name


@pytest.mark.parametrize("value", ["", "P0", "p5", "hoch", " P1", "P1 "])
def test_an_unknown_name_is_refused_with_the_known_ones(value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_name(value, PRIORITIES, PRIORITY_ALIASES, "priority")
    assert refused.value.field == "priority"
    assert refused.value.limit == "P1, P2, P3, P4"
