"""Closing: a solved ticket waits three days for the customer's last word."""

from __future__ import annotations

from functions.reply import close
from shared.conversations.keys import HEAD, customer_partition
from shared.conversations.views import desk_partition
from shared.domain.events import TICKET_CLOSED
from shared.effects.holds import hold_row
from tests.builders.events import told
from tests.builders.platform import SOON, TENANT, House
from tests.builders.records import RivalFirst

BALANCE = "What is my account balance?"
PERSON = "I want to speak to a human agent please."
DAYS = 60 * 24


def test_a_solved_ticket_is_closed_after_three_quiet_days(house: House) -> None:
    conversation = house.write(BALANCE)["conversation_id"]
    house.wait(3 * DAYS - 1)
    assert house.head(conversation).status == "resolved"
    house.wait(1)
    assert house.head(conversation).status == "closed"


def test_the_customers_tickets_say_that_it_is_closed(house: House) -> None:
    house.write(BALANCE)
    house.wait(3 * DAYS)
    (ticket,) = house.records.query(customer_partition(TENANT, "cus_ada"), prefix="TICKET|")
    assert ticket.body["status"] == "closed"


def test_it_is_told_once(house: House) -> None:
    house.write(BALANCE)
    house.wait(SOON)
    house.sweep_until(3 * DAYS)
    for _ in range(3):
        house.call("reply.close")
    assert [event.name for event in told(house.records)].count(TICKET_CLOSED) == 1


def test_whoever_writes_again_has_three_days_more(house: House) -> None:
    conversation = house.write(BALANCE)["conversation_id"]
    house.wait(2 * DAYS)
    house.write(BALANCE, conversation=conversation)
    house.wait(2 * DAYS)
    assert house.head(conversation).status == "resolved"
    house.wait(DAYS)
    assert house.head(conversation).status == "closed"


def test_what_was_reopened_is_not_closed(house: House) -> None:
    conversation = house.write(BALANCE)["conversation_id"]
    house.write(PERSON, conversation=conversation)
    house.wait(4 * DAYS)
    assert house.head(conversation).status == "escalated"


def test_a_message_that_comes_at_that_very_moment_wins(house: House) -> None:
    conversation = house.write(BALANCE)["conversation_id"]
    house.wait(SOON)
    house.sweep_until(3 * DAYS)

    def somebody_writes() -> None:
        house.write(PERSON, conversation=conversation)

    rival = RivalFirst(house.records, HEAD, somebody_writes)
    close.handle(close.CloseInput(TENANT), records=rival, company=house.platform.app.company, clock=house.clock)
    assert house.head(conversation).status == "escalated"
    house.wait(2)
    assert house.head(conversation).status == "escalated"


def test_writing_after_it_closed_opens_a_linked_ticket(house: House) -> None:
    first = house.write(BALANCE)
    house.wait(3 * DAYS)
    second = house.write(BALANCE, conversation=first["conversation_id"])
    head = house.head(first["conversation_id"])
    assert second["outcome"] == "resolved"
    assert head.linked == first["ticket_id"] != head.ticket == second["ticket_id"]
    tickets = house.records.query(customer_partition(TENANT, "cus_ada"), prefix="TICKET|")
    assert {row.body["linked"] for row in tickets} == {"", first["ticket_id"]}


def test_an_operators_conversation_is_closed_and_its_money_is_free_again(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.answer(conversation, text="All done.", resolve=True)
    house.wait(3 * DAYS)
    head = house.head(conversation)
    assert (head.status, head.owner) == ("closed", "ai")
    assert house.records.get(f"T|{TENANT}|money", hold_row(conversation)) is None


def test_what_is_closed_leaves_nothing_behind(house: House) -> None:
    conversation = house.write(BALANCE)["conversation_id"]
    house.wait(3 * DAYS)
    house.wait(DAYS)
    assert house.records.query(desk_partition(TENANT, conversation)) == []
