"""A turn ends once: whoever lost its fence says nothing, and who wrote meanwhile is not forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from shared.conversations.claim import LEASE_MS
from shared.conversations.head import need_head
from shared.conversations.keys import HEAD, conversation_partition, handoff_row, turn_row
from shared.conversations.turn import COMMIT_TRIES, Committed, TurnEnd
from shared.domain.conversation import hand_back, take_over
from shared.domain.events import ESCALATION_OPENED, MESSAGE_RECEIVED, TURN_COMMITTED
from shared.errors import NotFound, Retry, WrongState
from shared.ports.records import Event, Records
from tests.builders.conversations import (
    CONVERSATION,
    NOON,
    TENANT,
    any_end,
    arrive,
    change_head,
    commit,
    head_of,
    start,
    waiting_ids,
)
from tests.builders.events import told
from tests.builders.records import RivalFirst

DEAD = NOON + LEASE_MS
DONE = Committed("committed")
LOST = Committed("lost")


class Crash(Exception):
    """The worker is gone."""


def crash_before_the_head(records: Records, payload: dict[str, Any], end: TurnEnd) -> None:
    """Commit a turn and die between its row and the head."""

    def die() -> None:
        raise Crash

    with pytest.raises(Crash):
        commit(RivalFirst(records, HEAD, die), payload, end)


def escalation(packet: str) -> TurnEnd:
    return any_end(outcome="escalated", status="escalated", owner="nobody", packet={"from": packet})


def read(records: Records, row: str) -> dict[str, object] | None:
    found = records.get(conversation_partition(TENANT, CONVERSATION), row)
    return None if found is None else found.body


def events(records: Records, name: str) -> list[Event]:
    return [event for event in told(records) if event.name == name]


def test_a_committed_turn_is_said_by_the_head_and_kept_in_its_row(records: Records) -> None:
    payload = arrive(records, "m1").payload
    assert commit(records, payload, any_end(ticket="t1", row={"reply": "sealed words"})) == DONE
    head = head_of(records)
    assert head.said == turn_row(1, 1)
    assert (head.status, head.owner, head.ticket) == ("resolved", "ai", "t1")
    assert (head.arrived, head.answered, head.lease, head.execution) == ((), ("m1",), 0, "")
    row = {"reply": "sealed words", "n": 1, "fence": 1, "outcome": "resolved", "answers": ["m1"], "at": NOON}
    ends: dict[str, object] = {
        "owner": None,
        "status": "resolved",
        "ticket": "t1",
        "clarified": 0,
        "escalation": 0,
        "tells": {},
    }
    assert read(records, head.said) == row | ends | {"before": ""}


def test_the_event_of_a_commit_says_what_became_of_the_turn(records: Records) -> None:
    commit(records, arrive(records, "m1").payload, any_end(ticket="t1", tells={"priority": "P2"}))
    (event,) = events(records, TURN_COMMITTED)
    assert event.body == {
        "priority": "P2", "tenant": TENANT, "conversation": CONVERSATION, "turn": turn_row(1, 1), "n": 1, "at": NOON,
        "outcome": "resolved", "status": "resolved", "owner": "ai", "ticket": "t1", "customer": "u1", "channel": "chat",
    }  # fmt: skip


def test_committing_twice_is_committing_once(records: Records) -> None:
    payload = arrive(records, "m1").payload
    assert commit(records, payload) == DONE
    before = need_head(records, TENANT, CONVERSATION)
    assert commit(records, payload, any_end(row={"reply": "another"})) == DONE
    assert need_head(records, TENANT, CONVERSATION) == before
    assert len(events(records, TURN_COMMITTED)) == 1
    row = read(records, turn_row(1, 1))
    assert row is not None
    assert row["reply"] == "sealed"


def test_a_commit_that_crashed_after_its_row_is_finished_by_its_repeat(records: Records) -> None:
    payload = arrive(records, "m1").payload
    crash_before_the_head(records, payload, any_end(row={"reply": "the first"}))
    assert head_of(records).said == ""
    assert commit(records, payload, any_end(row={"reply": "the second"})) == DONE
    said = read(records, head_of(records).said)
    assert said is not None
    assert said["reply"] == "the first"


def test_a_turn_whose_fence_is_stale_says_nothing(records: Records) -> None:
    zombie = arrive(records, "m1").payload
    living = start(records, "m1", DEAD).payload
    before = need_head(records, TENANT, CONVERSATION)
    assert commit(records, zombie) == LOST
    assert need_head(records, TENANT, CONVERSATION) == before
    assert commit(records, living) == DONE
    assert commit(records, zombie) == LOST
    assert head_of(records).said == turn_row(1, 2)
    assert len(events(records, TURN_COMMITTED)) == 1


def test_an_operator_who_takes_over_silences_the_running_turn_for_good(records: Records) -> None:
    payload = arrive(records, "m1").payload
    change_head(records, lambda head: take_over(head, "mira"))
    assert commit(records, payload) == LOST
    change_head(records, lambda head: hand_back(head, "mira"))
    assert commit(records, payload) == LOST
    assert events(records, TURN_COMMITTED) == []


def test_a_takeover_at_the_last_moment_still_wins(records: Records) -> None:
    payload = arrive(records, "m1").payload
    rival = RivalFirst(records, HEAD, lambda: change_head(records, lambda head: take_over(head, "mira")))
    assert commit(rival, payload) == LOST
    assert head_of(records).owner == "operator:mira"


def test_a_message_that_arrives_before_the_commit_moves_the_turn_on_once(records: Records) -> None:
    payload = arrive(records, "m1").payload
    arrive(records, "m2", NOON + 1)
    moved = commit(records, payload, now=NOON + 9)
    assert moved.result == "moved"
    assert moved.next["turn"] == {"n": 2, "fence": 1, "again": 1}
    assert moved.next["execution"] == payload["execution"]
    assert waiting_ids(moved.next) == ["m1", "m2"]
    assert (head_of(records).said, head_of(records).lease) == ("", NOON + 9 + LEASE_MS)
    assert events(records, TURN_COMMITTED) == []
    assert commit(records, moved.next) == DONE
    assert (head_of(records).said, head_of(records).answered) == (turn_row(2, 1), ("m1", "m2"))


def test_the_second_time_it_sends_and_announces_what_is_left(records: Records) -> None:
    payload = arrive(records, "m1").payload
    arrive(records, "m2", NOON + 1)
    again = commit(records, payload).next
    arrive(records, "m3", NOON + 2)
    arrive(records, "m4", NOON + 3)
    assert commit(records, again) == DONE
    assert (head_of(records).answered, head_of(records).arrived) == (("m1", "m2"), ("m3", "m4"))
    announced = [event for event in events(records, MESSAGE_RECEIVED) if "-after-" in event.id]
    assert [event.body["message"] for event in announced] == ["m3"]
    assert waiting_ids(start(records, "m3").payload) == ["m3", "m4"]


def test_a_message_that_slips_in_between_read_and_write_is_seen(records: Records) -> None:
    payload = arrive(records, "m1").payload
    rival = RivalFirst(records, HEAD, lambda: arrive(records, "m2", NOON + 1))
    moved = commit(rival, payload)
    assert (moved.result, waiting_ids(moved.next)) == ("moved", ["m1", "m2"])


def test_an_end_that_cannot_wait_sends_at_once_and_announces_the_rest(records: Records) -> None:
    payload = arrive(records, "m1").payload
    arrive(records, "m2", NOON + 1)
    assert commit(records, payload, any_end(patient=False)) == DONE
    assert head_of(records).arrived == ("m2",)


def test_a_head_that_keeps_moving_is_tried_again_later_and_then_committed(records: Records) -> None:
    payload = arrive(records, "m1").payload
    busy = RivalFirst(records, HEAD, lambda: change_head(records, lambda head: head), times=COMMIT_TRIES)
    with pytest.raises(Retry):
        commit(busy, payload)
    assert commit(busy, payload) == DONE


def test_an_escalation_hands_over_its_packet_and_tells_its_events_in_the_same_commit(records: Records) -> None:
    opened = Event("e1", ESCALATION_OPENED, {"conversation": CONVERSATION})
    end = any_end(
        outcome="escalated", status="escalated", owner="nobody", escalation=1, packet={"p": 1}, events=(opened,)
    )
    commit(records, arrive(records, "m1").payload, end)
    assert (head_of(records).owner, head_of(records).escalation) == ("nobody", 1)
    assert read(records, handoff_row(1)) == {"p": 1}
    assert events(records, ESCALATION_OPENED) == [opened]


def test_a_status_that_the_table_forbids_is_refused_and_nothing_is_said(records: Records) -> None:
    commit(records, arrive(records, "m1").payload, any_end(status="resolved"))
    payload = arrive(records, "m2").payload
    with pytest.raises(WrongState):
        commit(records, payload, any_end(status="new"))
    assert head_of(records).said == turn_row(1, 1)


def test_writing_after_a_ticket_closed_opens_a_linked_one(records: Records) -> None:
    commit(records, arrive(records, "m1").payload, any_end(status="closed", ticket="t1"))
    commit(records, arrive(records, "m2").payload, any_end(status="open", ticket="t2"))
    head = head_of(records)
    assert (head.ticket, head.linked, head.status) == ("t2", "t1", "open")


def test_a_conversation_that_nobody_started_is_not_found(records: Records) -> None:
    with pytest.raises(NotFound) as refused:
        need_head(records, TENANT, CONVERSATION)
    assert refused.value.field == "conversation_id"


def test_only_what_the_stored_row_answers_counts_as_answered(records: Records) -> None:
    first = arrive(records, "m1").payload
    crash_before_the_head(records, first, any_end())
    arrive(records, "m2", NOON + 1)
    rerun = start(records, "m1").payload  # joined: the same execution name, both messages
    assert (rerun["execution"], waiting_ids(rerun)) == (first["execution"], ["m1", "m2"])
    commit(records, rerun)
    assert "m2" not in head_of(records).answered


def test_the_head_stands_where_the_stored_row_says(records: Records) -> None:
    payload = arrive(records, "m1").payload
    escalated = any_end(outcome="escalated", status="escalated", owner="nobody")
    crash_before_the_head(records, payload, escalated)
    commit(records, payload, any_end(outcome="resolved", status="resolved"))
    assert (head_of(records).status, head_of(records).owner) == ("escalated", "nobody")


def test_a_turn_whose_fence_is_stale_leaves_the_handoff_alone(records: Records) -> None:
    zombie = arrive(records, "m1").payload
    commit(records, start(records, "m1", DEAD).payload, escalation("living"))
    assert commit(records, zombie, escalation("zombie")) == LOST
    assert read(records, handoff_row(1)) == {"from": "living"}


def test_a_turn_that_loses_its_fence_while_it_commits_leaves_the_handoff_alone(records: Records) -> None:
    zombie = arrive(records, "m1").payload
    wakes_late = RivalFirst(
        records, turn_row(1, 1), lambda: commit(records, start(records, "m1", DEAD).payload, escalation("living"))
    )
    assert commit(wakes_late, zombie, escalation("zombie")) == LOST
    assert read(records, handoff_row(1)) == {"from": "living"}


def test_repeating_a_commit_that_moved_moves_again(records: Records) -> None:
    payload = arrive(records, "m1").payload
    arrive(records, "m2", NOON + 1)
    moved = commit(records, payload)
    assert commit(records, payload) == moved


def test_a_rival_that_comes_when_the_moved_turn_has_ended_has_lost(records: Records) -> None:
    """One turn started twice: both are told to begin again, and the second is told so after the first has ended.

    Seed 2697 of the simulator; the second died of an empty list of messages.
    """
    payload = arrive(records, "m1").payload
    arrive(records, "m2")
    moved = commit(records, payload)
    assert commit(records, moved.next) == DONE
    assert commit(records, payload) == LOST
