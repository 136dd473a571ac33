"""An escalation on moto's Step Functions: it waits on its token until somebody signed in answers, or climbs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.support import House
from tests.functions.test_escalation import PERSON

CONTEXT: dict[str, str] = {}  # dev: every turn is a Standard execution

TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
MIRA, NOOR = "mira", "noor"


def wait_minutes(house: House, minutes: int) -> None:
    house.cloud.advance(minutes * 60)
    house.cloud.tick()


def take(house: House, accepted: Any, operator: str = MIRA) -> int:
    return house.ask("POST", f"handoffs/{accepted['conversation_id']}/take", {}, operator=operator).status


def reply(house: House, accepted: Any, text: str, *, resolve: bool = False) -> int:
    said = {"message": text, "resolve": resolve}
    return house.ask("POST", f"handoffs/{accepted['conversation_id']}/reply", said, operator=MIRA).status


def decide(house: House, decision: str, operator: str = NOOR) -> int:
    (waiting,) = house.ask("GET", "approvals", operator=operator).body["approvals"]
    asked = {"decision": decision, "args_hash": waiting["args_hash"]}
    return house.ask("POST", f"approvals/{waiting['approval_id']}", asked, operator=operator).status


def test_an_operator_answers_and_the_machine_ends(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    assert (house.result(accepted)["outcome"], house.machine(accepted)) == ("escalated", "running")
    queue = house.ask("GET", "handoffs", operator=MIRA).body
    assert accepted["conversation_id"] in str(queue)
    assert (take(house, accepted), reply(house, accepted, "I have unlocked it.", resolve=True)) == (200, 200)
    assert house.machine(accepted) == "succeeded"
    thread = house.ask("GET", f"conversations/{accepted['conversation_id']}").body
    assert thread["messages"][-1]["text"] == "I have unlocked it."


def test_nobody_answers_and_the_next_rung_is_asked_up_to_the_last(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    climbed = [house.handoff(accepted)["level"]]
    for minutes in (29, 1, 30, 60, 240):
        wait_minutes(house, minutes)
        climbed.append(house.handoff(accepted)["level"])
    assert climbed == ["L1", "L1", "L2", "supervisor", "on_call", "on_call"]
    assert house.machine(accepted) == "running"


def test_a_token_that_is_over_wakes_nobody(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    old = house.handoff(accepted)["token"]
    wait_minutes(house, 30)
    assert not house.provider.workflows.send_task_success(old, {"decision": "answered"})
    house.cloud.settle()
    assert (house.handoff(accepted)["level"], house.machine(accepted)) == ("L2", "running")


def test_an_answer_after_the_climb_still_ends_it(house: House) -> None:
    """What counts is the record; the operator of the first rung took it while the second was asked."""
    accepted = house.begin(PERSON, "cus_ada")
    wait_minutes(house, 30)
    take(house, accepted)
    assert reply(house, accepted, "Sorry, here I am.", resolve=True) == 200
    assert house.machine(accepted) == "succeeded"


def test_a_token_without_a_decision_waits_on(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    assert house.provider.workflows.send_task_success(house.handoff(accepted)["token"], {"decision": "approved"})
    house.cloud.settle()
    assert (house.handoff(accepted)["state"], house.machine(accepted)) == ("open", "running")


def test_an_approved_refund_is_paid_once_and_told(house: House) -> None:
    accepted = house.begin(TWICE, "cus_dmitri")
    assert (house.result(accepted)["outcome"], house.refunds()) == ("awaiting_approval", 0)
    assert decide(house, "approve") == 200
    (effect,) = house.effects()
    assert (effect.state, house.refunds(), house.machine(accepted)) == ("COMMITTED", 1, "succeeded")
    assert house.head(accepted).status == "resolved"
    thread = house.ask("GET", f"conversations/{accepted['conversation_id']}").body
    assert "refunded" in thread["messages"][-1]["text"]


def test_a_rejected_refund_is_never_paid_and_the_customer_is_told(house: House) -> None:
    accepted = house.begin(TWICE, "cus_dmitri")
    assert decide(house, "reject") == 200
    assert ([each.state for each in house.effects()], house.refunds()) == (["REJECTED"], 0)
    thread = house.ask("GET", f"conversations/{accepted['conversation_id']}").body
    assert "could not approve" in thread["messages"][-1]["text"]


def test_deciding_twice_pays_once(house: House) -> None:
    house.begin(TWICE, "cus_dmitri")
    (waiting,) = house.ask("GET", "approvals", operator=NOOR).body["approvals"]
    asked = {"decision": "approve", "args_hash": waiting["args_hash"]}
    path = f"approvals/{waiting['approval_id']}"
    answers = [house.ask("POST", path, asked, operator=operator).status for operator in (NOOR, "edda")]
    assert (answers, house.refunds()) == ([200, 409], 1)


def test_an_approval_that_nobody_gives_expires_and_is_not_paid(house: House) -> None:
    accepted = house.begin(TWICE, "cus_dmitri")
    for _ in range(2):
        wait_minutes(house, 24 * 60)
    assert ([each.state for each in house.effects()], house.refunds()) == (["REJECTED"], 0)
    assert house.machine(accepted) == "running"


def test_a_customer_who_writes_meanwhile_is_heard(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    take(house, accepted)
    path = f"conversations/{accepted['conversation_id']}/messages"
    later = house.ask("POST", path, {"message": "Are you there?"}).body
    assert house.result(later)["outcome"] == "owned_by_operator"
    assert house.machine(accepted) == "running"


@pytest.mark.parametrize("path", ["handoffs", "approvals"])
def test_the_desk_is_closed_without_a_token(house: House, path: str) -> None:
    assert house.ask("GET", path).status == 401


def test_a_token_of_another_tenant_sees_nothing(house: House) -> None:
    accepted = house.begin(PERSON, "cus_ada")
    claims = house.claims(MIRA) | {"cognito:groups": "[another.supervisor]"}
    path = f"/api/v1/handoffs/{accepted['conversation_id']}/take"
    assert house.cloud.http("POST", path, {}, claims=claims)["statusCode"] in (404, 421)
    assert house.head(accepted).owner == "nobody"
