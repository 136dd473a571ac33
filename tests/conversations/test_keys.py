"""Names derived from business identities: the same for the same thing, never shared by two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversations.keys import (
    HEAD,
    conversation_id,
    conversation_partition,
    customer_partition,
    digest,
    handoff_row,
    message_id,
    message_row,
    money_partition,
    ticket_id,
    ticket_partition,
    turn_row,
    view_partition,
)
from shared.ports.limits import check_key

parts = st.text("ab|: é\x00", min_size=1, max_size=6)


@given(st.lists(parts, min_size=1, max_size=4), st.lists(parts, min_size=1, max_size=4))
def test_two_composite_identities_share_a_name_only_where_every_part_is_the_same(
    first: list[str], second: list[str]
) -> None:
    assert (digest(*first) == digest(*second)) == (first == second)


@pytest.mark.parametrize(
    ("first", "second"), [(("ab", "c"), ("a", "bc")), (("a|b", "c"), ("a", "b|c")), (("a",), ("a", "a"))]
)
def test_moving_a_border_between_parts_gives_another_name(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    assert digest(*first) != digest(*second)


@pytest.mark.parametrize("missing", [("",), ("a", ""), ("", "a"), ("a", "", "b")])
def test_a_missing_part_is_an_error_and_no_name(missing: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="missing"):
        digest(*missing)


def test_a_message_repeated_meets_itself_and_no_message_of_another_tenant_or_channel() -> None:
    same = message_id("acme", "email", "<1@example.com>")
    assert same == message_id("acme", "email", "<1@example.com>")
    others = {
        message_id("other", "email", "<1@example.com>"),
        message_id("acme", "chat", "<1@example.com>"),
        message_id("acme", "email", "<2@example.com>"),
    }
    assert len(others | {same}) == 4


def test_a_conversation_is_named_by_its_first_message_and_a_ticket_by_its_ordinal() -> None:
    conversation = conversation_id(message_id("acme", "chat", "1"))
    assert conversation == conversation_id(message_id("acme", "chat", "1"))
    assert ticket_id(conversation, 1) == ticket_id(conversation, 1) != ticket_id(conversation, 2)
    assert ticket_id("c1", 11) != ticket_id("c11", 1)


def test_every_partition_begins_with_its_tenant_and_no_two_kinds_meet() -> None:
    made = [
        conversation_partition("acme", "x"),
        customer_partition("acme", "x"),
        ticket_partition("acme", "x"),
        view_partition("acme", "x"),
        money_partition("acme"),
    ]
    assert all(partition.startswith("T|acme|") for partition in made)
    assert len(set(made)) == len(made)


def test_every_key_is_one_that_every_store_keeps() -> None:
    conversation = conversation_id(message_id("acme", "email", "<ä/1?#\\@example.com>"))
    for row in (HEAD, message_row(message_id("acme", "chat", "1")), turn_row(1, 1), handoff_row(1)):
        check_key(conversation_partition("acme", conversation), row)


numbers = st.integers(0, 999_999)


@given(st.tuples(numbers, numbers), st.tuples(numbers, numbers))
def test_turns_sort_by_their_number_then_by_their_fence(first: tuple[int, int], second: tuple[int, int]) -> None:
    assert (turn_row(*first) < turn_row(*second)) == (first < second)
    assert (handoff_row(first[0]) < handoff_row(second[0])) == (first[0] < second[0])
