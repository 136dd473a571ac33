"""A conversation's head: one owner, a fence that never falls, and a bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.conversation import (
    CHANNELS,
    MAX_WAITING,
    REMEMBERED_ANSWERS,
    Head,
    add_arrival,
    claim_turn,
    end_turn,
    forgets,
    hand_back,
    is_answered,
    lease_is_live,
    owner_kind,
    read_channel,
    reclaim_turn,
    take_over,
)
from shared.errors import InvalidInput, WrongState
from tests.builders.conversations import NOON, any_head


def end(head: Head, *answered: str, owner: str = "ai", status: str = "open") -> Head:
    return end_turn(head, said="TURN|1|1", owner=owner, status=status, answered=answered)


def test_claiming_opens_the_next_turn_under_a_new_fence() -> None:
    head = claim_turn(any_head(n=3, fence=5), waiting=("m1",), execution="e", lease=NOON + 1)
    assert (head.n, head.fence, head.execution, head.arrived) == (4, 6, "e", ("m1",))
    assert lease_is_live(head, NOON)


def test_reclaiming_keeps_the_turn_and_counts_the_death() -> None:
    head = reclaim_turn(any_head(n=4, fence=6, arrived=("m1",)), execution="f", lease=NOON)
    assert (head.n, head.fence, head.deaths, head.arrived) == (4, 7, 1, ("m1",))


@pytest.mark.parametrize(
    ("execution", "lease", "live"), [("e", NOON + 1, True), ("e", NOON, False), ("", NOON + 1, False), ("", 0, False)]
)
def test_a_lease_lives_until_its_end_and_only_with_an_execution(execution: str, lease: int, live: bool) -> None:
    assert lease_is_live(any_head(execution=execution, lease=lease), NOON) is live


def test_an_ended_turn_answers_its_messages_and_keeps_those_that_came_meanwhile() -> None:
    head = end(any_head(execution="e", lease=9, deaths=1, arrived=("m1", "m2", "m3")), "m1", "m3", status="resolved")
    assert (head.arrived, head.answered, head.total) == (("m2",), ("m1", "m3"), 2)
    assert (head.lease, head.execution, head.deaths, head.status) == (0, "", 0, "resolved")
    assert is_answered(head, "m1")
    assert not is_answered(head, "m2")


def test_answering_a_message_again_counts_it_once() -> None:
    once = end(any_head(arrived=("m1",)), "m1")
    assert end(once, "m1") == once


def test_a_message_that_waits_already_is_not_added_twice() -> None:
    head = any_head(arrived=("m1",))
    assert add_arrival(head, "m1") == head
    assert add_arrival(head, "m2").arrived == ("m1", "m2")


def test_no_more_than_twenty_messages_wait() -> None:
    head = any_head(arrived=tuple(f"m{n}" for n in range(MAX_WAITING)))
    with pytest.raises(WrongState) as refused:
        add_arrival(head, "one more")
    assert (refused.value.field, refused.value.limit) == ("arrived", "20")
    assert add_arrival(head, "m7") == head


def test_an_operator_who_takes_over_fences_off_the_running_turn() -> None:
    head = take_over(any_head(fence=2, execution="e", lease=NOON + 1), "mira")
    assert (head.owner, head.fence) == ("operator:mira", 3)
    assert not lease_is_live(head, NOON)


@pytest.mark.parametrize("owner", ["ai", "nobody", "operator:mira"])
def test_a_conversation_of_the_ai_of_nobody_or_ones_own_can_be_taken(owner: str) -> None:
    assert take_over(any_head(owner=owner), "mira").owner == "operator:mira"


def test_a_conversation_of_another_operator_cannot_be_taken() -> None:
    with pytest.raises(WrongState, match="another operator"):
        take_over(any_head(owner="operator:jonas"), "mira")


def test_only_its_operator_hands_a_conversation_back() -> None:
    assert hand_back(any_head(owner="operator:mira"), "mira").owner == "ai"
    for owner in ("ai", "nobody", "operator:jonas", "operator:mira2"):
        with pytest.raises(WrongState) as refused:
            hand_back(any_head(owner=owner), "mira")
        assert refused.value.field == "owner"


@pytest.mark.parametrize(("owner", "kind"), [("ai", "ai"), ("nobody", "nobody"), ("operator:a:b", "operator")])
def test_the_kind_of_owner(owner: str, kind: str) -> None:
    assert owner_kind(owner) == kind


def test_channels_are_read_by_name_and_alias() -> None:
    assert {read_channel(name) for name in CHANNELS} == set(CHANNELS)
    assert read_channel("web") == "chat"
    with pytest.raises(InvalidInput, match="channel"):
        read_channel("pigeon")


@given(st.lists(st.integers(0, 80).map(str), max_size=120))
def test_the_memory_of_answers_is_bounded_and_says_when_it_forgets(answered: list[str]) -> None:
    head = any_head()
    for message in answered:
        if not is_answered(head, message):
            head = end(head, message)
    assert len(head.answered) <= REMEMBERED_ANSWERS
    assert forgets(head) == (head.total > REMEMBERED_ANSWERS)
    assert head.total >= len(set(answered))
    assert not answered or is_answered(head, answered[-1])


class HeadsLife(RuleBasedStateMachine):
    """Whatever happens to a head in any order, its promises hold."""

    @initialize()
    def begin(self) -> None:
        self.head, self.now, self.arrivals = any_head(), NOON, 0
        self.highest, self.waiting = 0, set[str]()

    @rule(later=st.integers(0, 500))
    def time_passes(self, later: int) -> None:
        self.now += later

    @rule()
    def message_arrives(self) -> None:
        self.arrivals += 1
        try:
            self.head = add_arrival(self.head, f"m{self.arrivals}")
        except WrongState:
            assert len(self.head.arrived) == MAX_WAITING
        else:
            self.waiting.add(f"m{self.arrivals}")

    @precondition(lambda self: not self.head.execution)
    @rule(lease=st.integers(1, 500))
    def turn_is_claimed(self, lease: int) -> None:
        self.head = claim_turn(self.head, waiting=self.head.arrived, execution="e", lease=self.now + lease)

    @precondition(lambda self: self.head.execution and not lease_is_live(self.head, self.now))
    @rule(lease=st.integers(1, 500))
    def dead_turn_is_reclaimed(self, lease: int) -> None:
        self.head = reclaim_turn(self.head, execution="f", lease=self.now + lease)

    @precondition(lambda self: self.head.execution)
    @rule(some=st.integers(0, MAX_WAITING), owner=st.sampled_from(["ai", "nobody"]))
    def turn_ends(self, some: int, owner: str) -> None:
        answered = self.head.arrived[:some]
        self.head = end(self.head, *answered, owner=owner)
        self.waiting -= set(answered)

    @rule(operator=st.sampled_from(["mira", "jonas"]))
    def operator_takes_over(self, operator: str) -> None:
        fence, owner = self.head.fence, self.head.owner
        try:
            self.head = take_over(self.head, operator)
        except WrongState:
            assert owner not in ("ai", "nobody", f"operator:{operator}")
        else:
            assert self.head.fence == fence + 1

    @rule(operator=st.sampled_from(["mira", "jonas"]))
    def operator_hands_back(self, operator: str) -> None:
        mine = self.head.owner == f"operator:{operator}"
        try:
            self.head = hand_back(self.head, operator)
        except WrongState:
            assert not mine
        else:
            assert mine

    @invariant()
    def the_fence_never_falls(self) -> None:
        assert self.head.fence >= self.highest
        self.highest = self.head.fence

    @invariant()
    def no_waiting_message_is_lost_and_none_waits_twice(self) -> None:
        assert set(self.head.arrived) == self.waiting
        assert len(self.head.arrived) == len(self.waiting) <= MAX_WAITING

    @invariant()
    def the_memory_of_answers_is_bounded(self) -> None:
        assert len(self.head.answered) <= REMEMBERED_ANSWERS

    @invariant()
    def there_is_one_owner(self) -> None:
        assert owner_kind(self.head.owner) in ("ai", "operator", "nobody")


TestHeadsLife = HeadsLife.TestCase
