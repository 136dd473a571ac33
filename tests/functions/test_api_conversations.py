"""Conversations over REST: taken in once, answered, read back in order, rated, closed, handed to people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders.api import Api, any_beginning, open_api

REPLY_FIELDS = {
    "conversation_id", "response", "classification", "escalated", "processing_time_ms", "is_new_conversation",
    "model_info",
}  # fmt: skip
CLASSIFICATION_FIELDS = {
    "category", "priority", "summary", "requires_human_escalation", "suggested_knowledge_base_articles", "sentiment",
    "estimated_resolution_time",
}  # fmt: skip


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with open_api(tmp_path) as opened:
        yield opened


def test_a_message_is_accepted_before_anybody_has_looked_at_it(api: Api) -> None:
    accepted = api.begin(settle=False)
    assert accepted["status"] == "accepted"
    assert accepted["task_id"].startswith(f"{accepted['conversation_id']}.")
    assert api.result(accepted)["status"] == "pending"
    status = api.get(f"/conversations/{accepted['conversation_id']}/status").body
    assert (status["status"], status["answering"]) == ("new", True)


def test_a_task_ends_with_the_reply_in_the_promised_fields(api: Api) -> None:
    task = api.result(api.begin())
    assert task["status"] == "done"
    result = task["result"]
    assert result.keys() >= REPLY_FIELDS
    assert result["classification"].keys() == CLASSIFICATION_FIELDS
    assert result["model_info"].keys() == {"provider", "model"}
    assert "refunded" in result["response"]
    assert result["is_new_conversation"]
    assert not result["escalated"]
    assert [(each["tool"], each["amount_minor"]) for each in result["actions"]] == [("refund_payment", 2900)]


def test_a_conversation_reads_in_the_order_in_which_it_was_said(api: Api) -> None:
    accepted = api.begin("How do I reset my password?", customer="cus_farid")
    path = f"/conversations/{accepted['conversation_id']}"
    more = api.post(f"{path}/messages", {"message": "How do I invite a colleague?"})
    api.platform.settle()
    assert api.result(more.body)["result"]["is_new_conversation"] is False
    thread = api.get(path).body
    assert [each["role"] for each in thread["messages"]] == ["customer", "assistant", "customer", "assistant"]
    assert [each["text"] for each in thread["messages"]][::2] == [
        "How do I reset my password?",
        "How do I invite a colleague?",
    ]
    assert thread["metadata"]["message_count"] == 4
    assert thread["customer_id"] == "cus_farid"


def test_web_is_chat_and_attachments_and_a_wished_priority_are_accepted(api: Api) -> None:
    accepted = api.post("/conversations", any_beginning(priority="critical")).body
    path = f"/conversations/{accepted['conversation_id']}"
    assert api.get(path).body["channel"] == "chat"
    assert api.post(f"{path}/messages", {"message": "see here", "attachments": ["bill.pdf"]}).status == 202


def test_another_tenant_finds_nothing(api: Api) -> None:
    """I25: an id alone opens nothing."""
    accepted = api.begin()
    stranger = api.new_key("stranger", tenant="other")
    path = f"/conversations/{accepted['conversation_id']}"
    for answer in (
        api.get(path, stranger),
        api.get(f"{path}/status", stranger),
        api.get(f"/tasks/{accepted['task_id']}", stranger),
        api.post(f"{path}/messages", {"message": "hello"}, stranger),
        api.post(f"{path}/escalate", {}, stranger),
        api.post(f"{path}/resolve", None, stranger),
        api.post(f"{path}/rate", {"score": 1}, stranger),
        api.post(f"/handoffs/{accepted['conversation_id']}/take", {"operator": "mira"}, stranger),
    ):
        assert answer.status == 404, answer.text
    assert api.get("/handoffs", stranger).body == {"handoffs": [], "total": 0}
    assert api.get("/approvals", stranger).body == {"approvals": []}


def test_a_repeat_under_one_idempotency_key_is_one_message(api: Api) -> None:
    first = api.begin(idempotency_key="k1")
    again = api.begin(idempotency_key="k1")
    assert again == first
    thread = api.get(f"/conversations/{first['conversation_id']}").body
    assert [each["role"] for each in thread["messages"]] == ["customer", "assistant"]


@pytest.mark.parametrize(
    "changes", [{"initial_message": "Something else"}, {"customer_id": "cus_ada"}, {"channel": "api"}]
)
def test_a_key_stands_for_one_body(api: Api, changes: dict[str, Any]) -> None:
    """T37: the second body is refused and changes nothing."""
    api.begin(idempotency_key="k2", settle=False)
    answer = api.post("/conversations", any_beginning(**changes), idempotency_key="k2")
    assert (answer.status, answer.fields) == (422, ["idempotency-key"])


def test_a_person_is_asked_for_once_with_a_packet_without_an_empty_part(api: Api) -> None:
    accepted = api.begin("How do I reset my password?", customer="cus_farid")
    path = f"/conversations/{accepted['conversation_id']}"
    asked = api.post(f"{path}/escalate", {"reason": "The link does not come."}).body
    assert (asked["owner"], asked["status"]) == ("nobody", "escalated")
    assert api.post(f"{path}/escalate").body == asked
    api.platform.settle()
    (waiting,) = api.get("/handoffs").body["handoffs"]
    assert waiting["operator"]
    assert "The link does not come." in waiting["packet"]["why"]["text"]
    assert all(part["text"] and part["rows"] for part in waiting["packet"].values())
    last = api.get(path).body["messages"][-1]
    assert (last["role"], last["outcome"]) == ("assistant", "escalated")


def test_asking_for_a_person_fences_a_running_turn_off(api: Api) -> None:
    """I23: what the AI was about to say is not said."""
    accepted = api.begin(settle=False)
    path = f"/conversations/{accepted['conversation_id']}"
    asked: list[int] = []
    api.platform.interrupt("reply.send", lambda: asked.append(api.post(f"{path}/escalate").status))
    api.platform.settle()
    assert asked == [200]
    thread = api.get(path).body
    assert [each.get("outcome") for each in thread["messages"]] == [None, "escalated"]
    assert thread["metadata"]["owner"] == "nobody"


def test_a_conversation_that_nobody_has_read_yet_can_be_changed_a_little_later(api: Api) -> None:
    accepted = api.begin(settle=False)
    for what, body in (("escalate", None), ("resolve", None), ("rate", {"score": 5})):
        assert api.post(f"/conversations/{accepted['conversation_id']}/{what}", body).status == 409


def test_resolving_ends_the_wait_for_a_person_and_writing_reopens_it(api: Api) -> None:
    accepted = api.begin("I want to speak to a real person now!", customer="cus_gina")
    path = f"/conversations/{accepted['conversation_id']}"
    assert api.get(f"{path}/status").body["status"] == "escalated"
    assert api.post(f"{path}/resolve").body["status"] == "resolved"
    api.platform.settle()
    assert api.get("/handoffs").body["handoffs"] == []
    assert api.post(f"{path}/resolve").status == 200
    api.post(f"{path}/messages", {"message": "How do I reset my password?"})
    api.platform.settle()
    assert [each["role"] for each in api.get(path).body["messages"]][-1] == "assistant"


def test_a_rating_is_stored_sealed_and_the_last_one_counts(api: Api) -> None:
    accepted = api.begin()
    path = f"/conversations/{accepted['conversation_id']}/rate"
    assert api.post(path, {"score": 2, "comment": "slow"}).status == 200
    assert api.post(path, {"score": 5, "comment": "very kind words"}).body["score"] == 5
    row = api.platform.provider.records.get(f"T|demo|C|{accepted['conversation_id']}", "RATING")
    assert row is not None
    assert row.body["score"] == 5
    assert "kind" not in str(row.body)
