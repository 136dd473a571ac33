"""Approvals and handoffs over REST: seen, decided, taken, answered, handed back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.api import Api, open_api

LARGE = "My invoice was charged twice, please refund the second payment."
PERSON = "I want to speak to a real person now!"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with open_api(tmp_path) as opened:
        yield opened


def test_an_approved_refund_happens_and_the_customer_hears_of_it(api: Api) -> None:
    accepted = api.begin(LARGE, customer="cus_dmitri")
    assert api.result(accepted)["result"]["outcome"] == "awaiting_approval"
    (asked,) = api.get("/approvals").body["approvals"]
    assert (asked["tool"], asked["amount_minor"], asked["currency"]) == ("refund_payment", 89_900, "EUR")
    decided = decide(api, asked, "approve")
    assert decided == (200, "APPROVED")
    api.platform.settle()
    assert api.get("/approvals").body == {"approvals": []}
    last = api.get(f"/conversations/{accepted['conversation_id']}").body["messages"][-1]
    assert "refunded" in last["text"]
    assert refunds_of(api, "cus_dmitri") == [89_900]


def test_a_rejected_refund_does_not_happen(api: Api) -> None:
    accepted = api.begin(LARGE, customer="cus_dmitri")
    (asked,) = api.get("/approvals").body["approvals"]
    assert decide(api, asked, "reject") == (200, "REJECTED")
    api.platform.settle()
    assert refunds_of(api, "cus_dmitri") == []
    assert api.get(f"/conversations/{accepted['conversation_id']}/status").body["status"] != "pending_approval"


def test_a_decision_on_other_arguments_is_refused(api: Api) -> None:
    """T12: what was not seen is not approved."""
    api.begin(LARGE, customer="cus_dmitri")
    (asked,) = api.get("/approvals").body["approvals"]
    assert decide(api, asked | {"args_hash": "0" * 64}, "approve")[0] == 409
    assert decide(api, asked, "approve", operator="mira")[0] == 403
    assert decide(api, asked, "approve", operator="nobody-we-know")[0] == 403
    assert decide(api, asked | {"approval_id": "e0"}, "approve")[0] == 404


def test_a_programs_key_says_for_whom_it_asks(api: Api) -> None:
    accepted = api.begin(PERSON, customer="cus_gina")
    refused = api.post(f"/handoffs/{accepted['conversation_id']}/take", {})
    assert (refused.status, refused.fields) == (422, ["operator"])


def test_an_operator_takes_answers_and_hands_back(api: Api) -> None:
    accepted = api.begin(PERSON, customer="cus_gina")
    path = f"/handoffs/{accepted['conversation_id']}"
    assert api.post(f"{path}/reply", {"operator": "mira", "message": "Hello"}).status == 409
    assert api.post(f"{path}/take", {"operator": "mira"}).body["owner"] == "operator:mira"
    assert api.post(f"{path}/take", {"operator": "jonas"}).status == 409
    assert api.post(f"{path}/reply", {"operator": "mira", "message": "Mira here."}, idempotency_key="r1").status == 200
    api.post(f"{path}/reply", {"operator": "mira", "message": "Mira here."}, idempotency_key="r1")
    api.platform.settle()
    said = api.get(f"/conversations/{accepted['conversation_id']}").body["messages"]
    assert [(each["role"], each["by"]) for each in said][-1] == ("operator", "mira")
    assert [each["text"] for each in said].count("Mira here.") == 1
    assert api.post(f"{path}/hand_back", {"operator": "mira"}).body["owner"] == "ai"
    api.platform.settle()
    assert api.get("/handoffs").body["handoffs"] == []


def test_the_most_urgent_stands_first_in_the_queue(api: Api) -> None:
    api.begin("I want to speak to a real person.", customer="cus_farid")
    api.begin("URGENT: production is down for everybody, I need a person on the phone!", customer="cus_gina")
    priorities = [each["priority"] for each in api.get("/handoffs").body["handoffs"]]
    assert priorities == sorted(priorities)
    assert len(priorities) == 2


def refunds_of(api: Api, customer: str) -> list[int]:
    """What the company's own books say."""
    books = api.platform.provider.business_systems.books()
    return [each["amount_minor"] for each in books["refund"] if each["customer"] == customer]


def decide(api: Api, asked: dict[str, object], decision: str, operator: str = "noor") -> tuple[int, str]:
    body = {"decision": decision, "args_hash": asked["args_hash"], "operator": operator}
    answer = api.post(f"/approvals/{asked['approval_id']}", body)
    return answer.status, answer.body.get("state", "")
