"""The ladder: nobody answers and the next rung is asked; a person's decision ends it; a late word changes nothing."""

from __future__ import annotations

import pytest

from shared.agents.staffing import find_operator
from shared.errors import NotPermitted, WrongState
from tests.builders.platform import TENANT, House

PERSON = "I want to speak to a human agent please."
TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
BALANCE = "What is my account balance?"


def rung(house: House, conversation: str) -> str:
    return str(house.handoff(conversation).body["level"])


def machine(house: House, conversation: str) -> str:
    escalation = house.head(conversation).escalation
    return house.platform.provider.workflows.status("escalation", f"{conversation}-{escalation}")


def test_the_ladder_climbs_when_nobody_answers(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    assert rung(house, conversation) == "L1"
    house.wait(29)
    assert rung(house, conversation) == "L1"
    climbed = []
    for minutes in (1, 30, 60, 240):
        house.wait(minutes)
        climbed.append(rung(house, conversation))
    assert climbed == ["L2", "supervisor", "on_call", "on_call"]  # the last rung is asked again and again


def test_each_rung_names_one_operator_who_may_answer_on_it(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    for minutes in (0, 30, 30, 60):
        house.wait(minutes)
        body = house.handoff(conversation).body
        operator = find_operator(house.platform.app.company.staff, body["operator"])
        roles = {rung.level: rung.role for rung in house.platform.app.company.staff.ladder}
        assert operator is not None
        assert roles[body["level"]] in operator.roles


def test_an_approval_is_asked_of_those_who_may_give_it(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    assert rung(house, conversation) == "supervisor"


def test_an_approvers_yes_ends_the_ladder_and_the_refund_is_paid(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    house.decide(house.effects()[0])
    assert machine(house, conversation) == "succeeded"
    assert house.effects()[0].state == "COMMITTED"
    assert len(house.systems.books()["refund"]) == books_before(house) + 1
    assert "refunded" in house.replies(conversation, "cus_dmitri")[0]
    assert house.head(conversation).status == "resolved"
    house.wait(24 * 60)
    assert rung(house, conversation) == "supervisor"


def books_before(house: House) -> int:
    """Refunds that the company had made before any test: those without a key of ours."""
    ours = {effect.result.get("id") for effect in house.effects()}
    return sum(refund["id"] not in ours for refund in house.systems.books()["refund"])


def test_an_approvers_no_is_told_to_the_customer(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    house.decide(house.effects()[0], approved=False)
    assert house.effects()[0].state == "REJECTED"
    assert machine(house, conversation) == "succeeded"
    assert "could not approve" in house.replies(conversation, "cus_dmitri")[0]


def test_deciding_twice_changes_nothing(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    (effect,) = house.effects()
    house.decide(effect)
    said = house.replies(conversation, "cus_dmitri")
    with pytest.raises(WrongState):
        house.decide(effect)
    with pytest.raises(WrongState):
        house.decide(effect, "edda", approved=False)
    house.wait(5)
    assert house.replies(conversation, "cus_dmitri") == said
    assert house.effects()[0].state == "COMMITTED"


def test_a_late_token_changes_nothing(house: House) -> None:
    """I22: the token of the first rung, used after the second rung was asked."""
    conversation = house.write(PERSON)["conversation_id"]
    old = house.handoff(conversation).body["token"]
    house.wait(30)
    assert not house.platform.provider.workflows.send_task_success(old, {"decision": "answered"})
    house.platform.pump()
    assert (rung(house, conversation), machine(house, conversation)) == ("L2", "running")


def test_a_token_without_a_record_of_a_decision_waits_on(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    token = house.handoff(conversation).body["token"]
    house.platform.provider.workflows.send_task_success(token, {"decision": "approved"})
    house.platform.pump()
    assert machine(house, conversation) == "running"
    assert house.handoff(conversation).body["state"] == "open"


def test_an_operators_solution_ends_the_ladder(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    house.do("escalation.take", conversation=conversation, operator="mira")
    house.answer(conversation, text="Solved.", resolve=True)
    assert machine(house, conversation) == "succeeded"
    house.wait(24 * 60)
    assert rung(house, conversation) == "L1"


def test_a_decision_finds_its_own_handoff_though_another_was_opened_since(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    house.write(PERSON, "cus_dmitri", conversation=conversation)
    second = house.head(conversation).escalation
    house.decide(house.effects()[0])
    first, other = house.rows(conversation, "HANDOFF|")
    assert (first["state"], first["decision"]) == ("closed", "approved")
    assert other["state"] == "open"
    assert second == 2


def test_only_staff_may_decide_and_take(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    for handler, task in (
        ("escalation.take", {"conversation": conversation, "operator": "mallory"}),
        (
            "escalation.decide",
            {"effect": house.effects()[0].id, "operator": "mallory", "approved": True, "args_hash": ""},
        ),
    ):
        with pytest.raises(NotPermitted):
            house.call(handler, **task)
    assert house.effects()[0].tenant == TENANT


def test_a_customer_who_writes_while_an_approver_thinks_has_an_answer_and_the_approval_stays(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    answered = house.write(BALANCE, "cus_dmitri", conversation=conversation)
    assert answered["outcome"] == "resolved"
    assert house.effects()[0].state == "PROPOSED"
    house.decide(house.effects()[0])
    assert "refunded" in house.replies(conversation, "cus_dmitri")[0]
