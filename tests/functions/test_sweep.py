"""The sweep: deadlines are told once and only while they run, dead turns are found, promises to come back are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.sla import sweep
from shared.conversations.claim import LEASE_MS, claim
from shared.conversations.due import make_due
from shared.conversations.follow_up import AGAIN, store_follow_up
from shared.conversations.keys import conversation_partition
from shared.conversations.views import desk_partition, desk_partitions
from shared.domain.events import SLA_BREACHED, SLA_WARNED
from shared.ports.records import Batch, Event
from tests.builders.hours import wall
from tests.builders.platform import MONDAY, TENANT, House, open_house
from tests.builders.records import RivalFirst

PERSON = "I want to speak to a human agent please."  # P3, escalated with an interim reply
BALANCE = "What is my account balance?"
TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
HOURS = 60


def news(events: list[Event]) -> list[tuple[str, str]]:
    return [(each.name, each.body["deadline"]) for each in events if each.name in (SLA_WARNED, SLA_BREACHED)]


def test_a_warning_and_a_breach_are_told_once_however_often_the_sweep_runs(house: House) -> None:
    """I21: 480 business minutes from Monday 10:00 end at 18:00; four fifths of them at 16:24."""
    house.write(PERSON)
    assert news(house.sweep_until(6 * HOURS + 23)) == []
    assert news(house.sweep_until(1)) == [(SLA_WARNED, "first_response")]
    assert news(house.sweep_until(1)) == [(SLA_WARNED, "first_response")]
    assert news(house.sweep_until(95)) == [(SLA_WARNED, "first_response")]  # 18:00: still kept
    told_twice = [(SLA_WARNED, "first_response"), (SLA_BREACHED, "first_response")]
    assert news(house.sweep_until(1)) == told_twice
    assert news(house.sweep_until(1)) == news(house.sweep_until(3 * HOURS)) == told_twice


def test_a_breach_is_told_once_by_sweeps_that_overlap(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.sweep_until(1)  # finds out when the first deadline is
    house.clock.advance(9 * HOURS * 60)
    row = f"SLA|first_response|{house.head(conversation).opened:015d}"
    rival = RivalFirst(house.records, row, lambda: house.call("sla.sweep"))
    ports = house.platform.provider
    task = sweep.SweepInput(TENANT)
    company = house.platform.app.company
    sweep.handle(
        task, records=rival, queue=ports.queue, company=company, tenants=ports.tenants, clock=ports.clock,
        telemetry=ports.telemetry,
    )  # fmt: skip
    assert news(house.sweep_until(1)) == [(SLA_BREACHED, "first_response")]


def test_whoever_was_answered_by_an_operator_hears_of_no_deadline_but_the_tickets(house: House) -> None:
    """I22: the due rows are still there; what they say is read afresh."""
    conversation = house.write(PERSON)["conversation_id"]
    house.wait(60)
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.answer(conversation, text="Hello, Mira here. Which invoice is it?")
    assert news(house.sweep_until(60 * 24 * 30)) == []  # pending_customer: they are to write next


def test_a_clarifying_question_is_a_first_response(house: House) -> None:
    asked = house.write("It does not do the thing.")
    assert asked["outcome"] == "clarifying"
    assert news(house.sweep_until(60 * 24 * 30)) == []


def test_a_second_message_has_a_deadline_of_its_own_after_an_operator_answered(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.clock.advance(60)
    house.answer(conversation, text="Which invoice is it?")
    house.clock.advance(60)
    house.write("The one from November.", conversation=conversation)
    kinds = news(house.sweep_until(60 * 24 * 2))
    assert kinds == [(SLA_BREACHED, "next_response")]


def test_an_unsolved_ticket_breaches_its_resolution_too(house: House) -> None:
    house.write(PERSON)
    kinds = news(house.sweep_until(60 * 24 * 14))
    assert sorted(kinds) == [(SLA_BREACHED, "first_response"), (SLA_BREACHED, "resolution")]


def test_holidays_and_weekends_do_not_count_for_p3(tmp_path: Path) -> None:
    """Two hours of Christmas Eve, then nothing until Monday the 28th: due at 15:00."""
    with open_house(tmp_path, at=wall("2026-12-24 16:00")) as house:
        house.write(PERSON)
        minutes = (wall("2026-12-28 15:00") - wall("2026-12-24 16:00")) // 60_000
        assert (SLA_BREACHED, "first_response") not in news(house.sweep_until(minutes))
        assert (SLA_BREACHED, "first_response") in news(house.sweep_until(1))


def test_the_desk_shows_who_is_late(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.wait(1)
    house.wait(9 * HOURS)
    row = house.records.get(desk_partition(TENANT, conversation), f"OPEN|{conversation}")
    assert row
    assert (row.body["sla"], row.body["status"]) == ("breached", "escalated")


def test_a_dead_turn_is_restarted_once(house: House) -> None:
    conversation, message = house.receive(BALANCE)
    house.platform.provider.queue.receive("turns", house.clock.now())
    claim(house.records, TENANT, conversation, message, house.clock.now())  # claimed by a worker that dies
    relay_all(house)
    drop_looks(house)
    house.wait(6)
    assert house.head(conversation).said
    assert house.turns(conversation)[0]["outcome"] == "resolved"


def test_a_turn_that_dies_twice_is_an_operators(house: House) -> None:
    conversation, message = house.receive(BALANCE)
    relay_all(house)
    drop_looks(house)
    for _ in range(2):
        claim(house.records, TENANT, conversation, message, house.clock.now())
        house.clock.advance(LEASE_MS // 1000 + 1)
    house.wait(1)
    head = house.head(conversation)
    assert (head.owner, head.status) == ("nobody", "escalated")
    assert house.turns(conversation)[0]["reason"] == "turn_died"
    assert house.handoff(conversation).body["operator"]


def test_a_message_that_the_queue_lost_is_answered_all_the_same(house: House) -> None:
    conversation, _ = house.receive(BALANCE)
    relay_all(house)
    drop_looks(house)
    house.wait(6)
    assert house.turns(conversation)[0]["outcome"] == "resolved"


def test_a_turn_that_still_runs_is_left_alone(house: House) -> None:
    conversation, message = house.receive(BALANCE)
    relay_all(house)
    drop_looks(house)
    house.clock.advance(300)
    claim(house.records, TENANT, conversation, message, house.clock.now())
    house.clock.advance(60)
    house.call("sla.sweep")
    assert house.platform.provider.queue.depth("turns") == 0
    assert house.head(conversation).deaths == 0


def test_a_message_that_nobody_can_answer_is_an_alert_once_and_is_looked_at_ever_more_rarely(house: House) -> None:
    house.receive(BALANCE)
    relay_all(house)
    looks = 0
    for _ in range(60):
        drop_looks(house)
        house.clock.advance(360)
        house.call("sla.sweep")
        looks += house.platform.provider.queue.depth("turns")
    drop_looks(house)
    house.platform.pump()
    assert house.alerts() == ["message_unanswered"]
    assert looks == 7  # after 6, 12, 18, 30, 54, 102 and 198 minutes, and within the next six hours


def test_a_customer_hears_again_once_the_system_is_back(house: House) -> None:
    house.write(BALANCE)  # the last known answer is from now
    house.systems.set_fault("billing", "down")
    stale = house.write(BALANCE)
    conversation = stale["conversation_id"]
    assert (stale["outcome"], house.head(conversation).status) == ("resolved", "open")
    assert "half an hour" in stale["reply"]
    house.systems.set_fault("billing", None)
    house.wait(29)
    assert len(house.replies(conversation)) == 1
    house.wait(1)
    fresh, before = house.replies(conversation)
    assert "half an hour" not in fresh
    assert fresh.startswith("Your balance is")
    assert before == stale["reply"]
    assert house.head(conversation).status == "resolved"
    house.wait(60)
    assert len(house.replies(conversation)) == 2


def test_a_follow_up_is_stored_once(house: House) -> None:
    house.write(BALANCE)
    house.systems.set_fault("billing", "down")
    conversation = house.write(BALANCE)["conversation_id"]
    head = house.head(conversation)
    again = [store_follow_up(house.records, TENANT, conversation, head, head.said, AGAIN, MONDAY) for _ in range(2)]
    assert again == [True, False]


def test_nobody_follows_up_where_an_operator_took_over(house: House) -> None:
    house.write(BALANCE)
    house.systems.set_fault("billing", "down")
    conversation = house.write(BALANCE)["conversation_id"]
    house.systems.set_fault("billing", None)
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.wait(31)
    assert len(house.replies(conversation)) == 1


def test_an_approval_that_nobody_gave_expires_and_the_customer_hears_of_it(house: House) -> None:
    asked = house.write(TWICE, "cus_dmitri")
    conversation = asked["conversation_id"]
    (effect,) = house.effects()
    assert (asked["outcome"], effect.state) == ("awaiting_approval", "PROPOSED")
    house.wait(48 * HOURS - 1)
    assert house.effects()[0].state == "PROPOSED"
    house.wait(1)
    (late,) = house.effects()
    assert (late.state, late.reason) == ("REJECTED", "expired")
    assert len(house.replies(conversation, "cus_dmitri")) == 2
    assert house.head(conversation).status == "escalated"  # nobody said no: a person looks at it
    assert house.rows(conversation, "HANDOFF|")[0]["decision"] == "rejected"
    house.wait(1)
    assert len(house.replies(conversation, "cus_dmitri")) == 2


def test_one_row_that_cannot_be_looked_at_stops_no_other(house: House) -> None:
    conversation, _ = house.receive(BALANCE)
    relay_all(house)
    drop_looks(house)
    partition = desk_partition(TENANT, conversation)
    house.records.write(Batch(partition, (make_due(MONDAY, "broken", "follow_up"),)))
    house.wait(6)
    assert house.turns(conversation)[0]["outcome"] == "resolved"
    left = [row.row for row in house.records.query(partition, prefix="DUE|") if "broken" in row.row]
    assert len(left) == 1


def test_a_run_looks_at_a_bounded_number_of_rows(house: House) -> None:
    for partition in desk_partitions(TENANT):
        for start in (0, 50, 100):
            rows = [make_due(MONDAY - number, f"c{number}", "sla") for number in range(start, start + 50)]
            house.records.write(Batch(partition, tuple(rows)))
    assert house.call("sla.sweep")["looked"] == 500
    assert house.call("sla.sweep")["looked"] == 100


@pytest.mark.parametrize("status", ["resolved", "pending_customer"])
def test_what_waits_for_the_customer_has_no_deadline(house: House, status: str) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.answer(conversation, text="It is done.", resolve=status == "resolved")
    assert house.head(conversation).status == status
    assert news(house.sweep_until(60 * 24 * 60)) == []


def relay_all(house: House) -> None:
    """What was stored is told on; the views are kept, and the queue knows where to look."""
    house.platform._relay()
    while house.platform._tell_subscriber():
        continue


def drop_looks(house: House) -> None:
    """The queue loses every message that says where to look."""
    queue = house.platform.provider.queue
    while message := queue.receive("turns", house.clock.now()):
        queue.delete(message)


def test_the_rows_of_a_conversation_stay_few(house: House) -> None:
    """A look deletes its row; nothing piles up beside the desk."""
    conversation = house.write(PERSON)["conversation_id"]
    for _ in range(40):
        house.wait(15)
    due = [row for row in house.records.query(desk_partition(TENANT, conversation), prefix="DUE|")]
    assert len(due) == 1
    assert len(house.records.query(conversation_partition(TENANT, conversation), prefix="SLA|")) == 1
