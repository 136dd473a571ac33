"""What the API refuses and how it says so; headers, description, health."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.strict_json import DEEPEST, read_json
from shared.errors import InvalidInput
from shared.ports.records import Batch, Put
from tests.builders.api import Api, any_beginning, open_api

ERROR_FIELDS = {"error", "status_code", "timestamp", "path", "request_id", "details"}
BEGIN = "/api/v1/conversations"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with open_api(tmp_path_factory.mktemp("edge")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ("", 422, ["body"]),
        ("{", 422, ["body"]),
        ("null", 422, ["body"]),
        ("[1]", 422, ["body"]),
        ('"text"', 422, ["body"]),
        ('{"customer_id":"a","customer_id":"b","initial_message":"hi"}', 422, ["body"]),
        ('{"customer_id":"a","initial_message":NaN}', 422, ["body"]),
        ('{"customer_id":"a","initial_message":1e999}', 422, ["initial_message"]),
        ('{"customer_id":"a","initial_message":' + "9" * 5000 + "}", 422, ["body"]),
        ("[" * 4000, 422, ["body"]),
        ('{"a":' * 4000, 422, ["body"]),
        ({}, 422, ["customer_id", "initial_message"]),
        ({"customer_id": "a"}, 422, ["initial_message"]),
        (any_beginning(customer_id="a b"), 422, ["customer_id"]),
        (any_beginning(customer_id=""), 422, ["customer_id"]),
        (any_beginning(customer_id="a" * 101), 422, ["customer_id"]),
        (any_beginning(customer_id="../../x"), 422, ["customer_id"]),
        (any_beginning(customer_id="a\n"), 422, ["customer_id"]),
        (any_beginning(customer_id=7), 422, ["customer_id"]),
        (any_beginning(customer_id=None), 422, ["customer_id"]),
        (any_beginning(""), 422, ["initial_message"]),
        (any_beginning("   \n"), 422, ["initial_message"]),
        (any_beginning("<script>alert(1)</script>"), 422, ["initial_message"]),
        (any_beginning("x" * 5001), 422, ["initial_message"]),
        (any_beginning(channel="fax"), 422, ["channel"]),
        (any_beginning(priority="P9"), 422, ["priority"]),
        ("x" * 70_000, 413, ["body"]),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_by_its_fields(api: Api, body: Any, status: int, fields: list[str]) -> None:
    """T36, T34: and nothing of it is kept or said back."""
    answer = api.ask("POST", BEGIN, body)
    assert (answer.status, answer.fields) == (status, fields), answer.text
    assert answer.body.keys() == ERROR_FIELDS
    assert all(each["message"] for each in answer.body["details"])


@pytest.mark.parametrize("text", ["x" * 5000, "a\x00b", "lone \ud800 half", "\u202eright to left", "😀" * 100, "<3"])
def test_any_words_of_a_customer_are_taken_in(api: Api, text: str) -> None:
    """T34: strange characters break nothing."""
    answer = api.ask("POST", BEGIN, any_beginning(text))
    assert answer.status == 202
    assert api.get(f"/conversations/{answer.body['conversation_id']}").status == 200


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("rate", {"score": 0}, ["score"]),
        ("rate", {"score": 6}, ["score"]),
        ("rate", {"score": 4.5}, ["score"]),
        ("rate", {"score": "5"}, ["score"]),
        ("rate", {"score": True}, ["score"]),
        ("rate", {}, ["score"]),
        ("messages", {"message": "x", "attachments": ["f"] * 11}, ["attachments"]),
        ("messages", {"message": "x", "attachments": "f"}, ["attachments"]),
        ("messages", {"text": "x"}, ["message"]),
        ("escalate", {"reason": 1}, ["reason"]),
    ],
)
def test_bad_fields_of_the_other_routes_are_named(api: Api, path: str, body: Any, fields: list[str]) -> None:
    answer = api.post(f"/conversations/c1/{path}", body)
    assert (answer.status, answer.fields) == (422, fields), answer.text


def test_an_unknown_conversation_task_or_route_is_not_found(api: Api) -> None:
    for answer in (
        api.get("/conversations/c0"),
        api.get("/conversations/a b|c"),
        api.get("/conversations/" + "x" * 500),
        api.get("/tasks/c0.m0"),
        api.get("/tasks/c0"),
        api.post("/conversations/c0/messages", {"message": "hi"}),
        api.get("/nothing"),
        api.ask("DELETE", BEGIN),
        api.ask("GET", "/nothing"),
    ):
        assert answer.status == 404, answer.text
        assert answer.body.keys() == ERROR_FIELDS


def test_a_credential_must_be_good_and_must_suffice(api: Api) -> None:
    """T26: a flipped bit, no key, another scheme, a key without the permission."""
    flipped = api.key[:-1] + ("0" if api.key[-1] != "0" else "1")
    for answer in (
        api.ask("POST", BEGIN, any_beginning(), key=flipped),
        api.ask("POST", BEGIN, any_beginning(), key=""),
        api.ask("POST", BEGIN, any_beginning(), authorization="Basic eDp5"),
        api.ask("POST", BEGIN, "{", key="x"),
        api.ask("GET", "/api/v1/nothing", key="x"),
    ):
        assert answer.status == 401, answer.text
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    reader = api.new_key("reader", permissions=("conversations:read",))
    for path, body in (("/conversations", any_beginning()), ("/approvals/e1", {"decision": "approve"})):
        assert api.post(path, body, reader).status in (403, 422)
    assert api.post("/conversations", any_beginning(), reader).body["details"][0]["limit"] == "conversations:write"
    assert api.get("/handoffs", reader).status == 403


def test_more_requests_than_a_key_may_send_are_answered_429(api: Api) -> None:
    key = api.new_key("slow", per_hour=3)
    statuses = [api.get("/handoffs", key).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(api.get("/handoffs", key).headers["Retry-After"]) >= 1


def test_only_json_is_read_where_json_is_meant(api: Api) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = api.ask("POST", BEGIN, "a=b", content_type=kind)
        assert (answer.status, answer.fields) == (415, ["content-type"])
    assert api.ask("POST", BEGIN, any_beginning(), content_type="application/json; charset=utf-8").status == 202


def test_every_answer_carries_the_security_headers(api: Api) -> None:
    for answer in (api.ask("GET", "/health"), api.ask("GET", "/nothing"), api.ask("POST", BEGIN, "{", key="")):
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-XSS-Protection"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-Id"] == "r-test"


def test_a_page_of_another_origin_may_ask_with_a_key_of_its_own(api: Api) -> None:
    answer = api.ask("OPTIONS", BEGIN, key="", origin="https://shop.example")
    assert answer.status == 204
    assert set(answer.headers["Access-Control-Allow-Methods"].split(",")) == {"GET", "POST", "OPTIONS"}
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert api.ask("POST", BEGIN, "{", key="", origin="https://x.example").headers["Access-Control-Allow-Origin"] == "*"


def test_health_and_metrics_need_no_key(api: Api) -> None:
    for path in ("/health", "/health/live", "/health/ready", "/health/detailed"):
        answer = api.ask("GET", path, key="")
        assert (answer.status, answer.body["status"]) == (200, "healthy")
    metrics = api.ask("GET", "/metrics", key="")
    assert "# TYPE api_requests_total counter" in metrics.text
    assert metrics.headers["Content-Type"].startswith("text/plain")


def test_the_description_names_every_route_and_the_page_shows_it(api: Api) -> None:
    description = api.ask("GET", "/openapi.json", key="").body
    assert description["openapi"].startswith("3.1")
    assert description["paths"].keys() >= {
        BEGIN, f"{BEGIN}/{{conversation_id}}", f"{BEGIN}/{{conversation_id}}/messages",
        f"{BEGIN}/{{conversation_id}}/status", f"{BEGIN}/{{conversation_id}}/escalate",
        f"{BEGIN}/{{conversation_id}}/resolve", f"{BEGIN}/{{conversation_id}}/rate", "/api/v1/tasks/{task_id}",
        "/api/v1/approvals", "/api/v1/approvals/{approval_id}", "/api/v1/handoffs", "/health", "/metrics",
        "/api/v1/channels/email", "/api/v1/channels/{source}/webhook",
    }  # fmt: skip
    page = api.ask("GET", "/docs", key="").text
    assert all(path in page for path in description["paths"])
    assert "http://" not in page
    assert "<script" not in page


def test_a_bug_is_answered_without_its_inside(tmp_path: Path) -> None:
    with open_api(tmp_path) as broken:
        accepted = broken.begin()
        records = broken.platform.provider.records
        partition = f"T|demo|C|{accepted['conversation_id']}"
        row = records.query(partition, prefix="TURN|")[0]
        records.write(Batch(partition, (Put(row.row, {"secret": "inside"}, row.version),)))
        answer = broken.get(f"/conversations/{accepted['conversation_id']}")
    assert answer.status == 500
    assert answer.body["details"] == []
    assert "inside" not in answer.text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_strict_json_reads_what_json_writes(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.integers(1, 60), st.text('[]{}"\\', max_size=30))
def test_strict_json_counts_levels_and_not_brackets_in_texts(depth: int, text: str) -> None:
    nested = "[" * depth + json.dumps(text) + "]" * depth
    if depth <= DEEPEST:
        assert read_json(nested)
    else:
        with pytest.raises(InvalidInput):
            read_json(nested)
