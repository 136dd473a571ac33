"""One conditional update decides who runs a turn: duplicates join, rivals wait, the dead are replaced once."""

from __future__ import annotations

import pytest

from shared.conversations.claim import CLAIM_TRIES, LEASE_MS, Claim
from shared.conversations.head import need_head
from shared.conversations.inbox import INLINE_CHARACTERS, store_message
from shared.conversations.keys import HEAD
from shared.domain.conversation import MAX_WAITING, REMEMBERED_ANSWERS, take_over
from shared.errors import NotFound, Retry, WrongState
from shared.ports.records import Records
from tests.builders.conversations import (
    CONVERSATION,
    NOON,
    TENANT,
    any_message,
    arrive,
    change_head,
    commit,
    head_of,
    start,
    waiting_ids,
)
from tests.builders.records import RivalFirst

DEAD = NOON + LEASE_MS
DEAD_AGAIN = DEAD + LEASE_MS


def test_the_first_message_claims_the_first_turn(records: Records) -> None:
    claimed = arrive(records, "m1")
    assert (claimed.state, claimed.execution) == ("claimed", "c1-1-1")
    assert claimed.payload["turn"] == {"n": 1, "fence": 1, "again": 0}
    assert claimed.payload["execution"] == claimed.execution
    assert waiting_ids(claimed.payload) == ["m1"]
    head = head_of(records)
    assert (head.n, head.fence, head.arrived, head.lease) == (1, 1, ("m1",), NOON + LEASE_MS)
    assert (head.customer, head.channel, head.opened) == ("u1", "chat", NOON)


def test_a_redelivered_start_joins_with_the_same_payload_and_changes_nothing(records: Records) -> None:
    claimed = arrive(records, "m1")
    before = need_head(records, TENANT, CONVERSATION)
    again = start(records, "m1", NOON + LEASE_MS - 1)
    assert again == Claim("joined", claimed.execution, claimed.payload)
    assert need_head(records, TENANT, CONVERSATION) == before


def test_a_rival_message_of_a_live_turn_waits_for_it(records: Records) -> None:
    claimed = arrive(records, "m1")
    assert arrive(records, "m2") == Claim("raised", claimed.execution)
    assert head_of(records).arrived == ("m1", "m2")
    assert head_of(records).fence == 1


def test_a_redelivered_rival_finds_itself_waiting(records: Records) -> None:
    arrive(records, "m1")
    arrive(records, "m2")
    again = start(records, "m2")
    assert (again.state, waiting_ids(again.payload)) == ("joined", ["m1", "m2"])
    assert head_of(records).arrived == ("m1", "m2")


def test_a_start_whose_answer_is_sent_does_nothing(records: Records) -> None:
    commit(records, arrive(records, "m1").payload)
    before = need_head(records, TENANT, CONVERSATION)
    assert start(records, "m1", DEAD) == Claim("answered")
    assert need_head(records, TENANT, CONVERSATION) == before


def test_the_next_message_claims_the_next_turn(records: Records) -> None:
    commit(records, arrive(records, "m1").payload)
    claimed = arrive(records, "m2", NOON + 1)
    assert (claimed.state, claimed.execution, waiting_ids(claimed.payload)) == ("claimed", "c1-2-2", ["m2"])


def test_a_late_redelivery_is_recognised_long_after_the_head_forgot_it(records: Records) -> None:
    for n in range(REMEMBERED_ANSWERS + 2):
        commit(records, arrive(records, f"m{n}").payload)
    assert "m0" not in head_of(records).answered
    assert start(records, "m0") == Claim("answered")
    assert arrive(records, "new").state == "claimed"


def test_a_dead_turn_is_taken_over_once_under_the_next_fence(records: Records) -> None:
    arrive(records, "m1")
    reclaimed = start(records, "m1", DEAD)
    assert (reclaimed.state, reclaimed.execution) == ("claimed", "c1-1-2")
    assert reclaimed.payload["turn"] == {"n": 1, "fence": 2, "again": 0}
    assert waiting_ids(reclaimed.payload) == ["m1"]
    assert head_of(records).deaths == 1


def test_a_turn_that_dies_twice_is_given_to_an_operator(records: Records) -> None:
    arrive(records, "m1")
    reclaimed = start(records, "m1", DEAD)
    before = need_head(records, TENANT, CONVERSATION)
    for _ in range(2):
        assert start(records, "m1", DEAD_AGAIN) == Claim("died", reclaimed.execution)
    assert need_head(records, TENANT, CONVERSATION) == before


def test_the_restarted_turn_answers_what_waited_and_what_woke_it(records: Records) -> None:
    arrive(records, "m1")
    arrive(records, "m2", NOON + 1)
    reclaimed = arrive(records, "m3", DEAD)
    assert waiting_ids(reclaimed.payload) == ["m1", "m2", "m3"]
    assert head_of(records).arrived == ("m1", "m2", "m3")


def test_a_turn_that_succeeds_clears_the_deaths_before_it(records: Records) -> None:
    arrive(records, "m1")
    commit(records, start(records, "m1", DEAD).payload)
    arrive(records, "m2", DEAD)
    assert start(records, "m2", DEAD_AGAIN).state == "claimed"


def test_a_new_turn_after_a_takeover_may_be_restarted_again(records: Records) -> None:
    arrive(records, "m1")
    start(records, "m1", DEAD)
    change_head(records, lambda head: take_over(head, "mira"))
    arrive(records, "m2", DEAD)
    assert start(records, "m2", DEAD_AGAIN).state == "claimed"


def test_of_two_starts_at_once_one_claims_and_the_other_waits(records: Records) -> None:
    store_message(records, TENANT, any_message("m2"))
    beaten = RivalFirst(records, HEAD, lambda: start(records, "m2"))
    assert arrive(beaten, "m1").state == "raised"
    assert (head_of(records).fence, head_of(records).arrived) == (1, ("m2", "m1"))


def test_two_deliveries_of_one_message_at_once_meet_in_one_turn(records: Records) -> None:
    store_message(records, TENANT, any_message("m1"))
    joined = start(RivalFirst(records, HEAD, lambda: start(records, "m1")), "m1")
    assert (joined.state, joined.execution, head_of(records).fence) == ("joined", "c1-1-1", 1)


def test_a_head_that_keeps_moving_is_tried_again_later(records: Records) -> None:
    arrive(records, "m1")
    touch = RivalFirst(records, HEAD, lambda: change_head(records, lambda head: head), times=CLAIM_TRIES)
    with pytest.raises(Retry):
        arrive(touch, "m2")
    assert start(touch, "m2").state == "raised"


def test_a_start_for_a_message_that_nobody_stored_is_an_error(records: Records) -> None:
    with pytest.raises(NotFound):
        start(records, "m1")


def test_the_message_after_the_twentieth_is_tried_again_later(records: Records) -> None:
    for n in range(MAX_WAITING):
        arrive(records, f"m{n}")
    with pytest.raises(WrongState):
        arrive(records, "more")
    assert start(records, "m3").state == "joined"


def test_an_operators_conversation_is_claimed_and_says_whose_it_is(records: Records) -> None:
    commit(records, arrive(records, "m1").payload)
    change_head(records, lambda head: take_over(head, "mira"))
    payload = arrive(records, "m2").payload
    assert (payload["owner"], payload["known"]["owner"]) == ("operator", "operator:mira")


def test_sealed_text_travels_in_the_payload_unless_it_is_long(records: Records) -> None:
    arrive(records, "m1", sealed="x" * INLINE_CHARACTERS)
    arrive(records, "m2", sealed="y" * (INLINE_CHARACTERS + 1))
    payload = start(records, "m1").payload
    assert [message["sealed"] for message in payload["messages"]] == ["x" * INLINE_CHARACTERS, ""]
