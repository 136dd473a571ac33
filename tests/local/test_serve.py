"""`supportmax serve` as its clients meet it: a child process on loopback."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.connection import Connection

from tests.builders.serving import Served, any_server, start_server, stop_server

TWICE = "I was charged twice this month, please refund the second charge."
LARGE = "My invoice was charged twice, please refund the second payment."
PASSWORD = "How do I reset my password?"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with any_server(tmp_path_factory.mktemp("serve") / "data") as server:
        yield server


def test_a_reply_that_is_waited_for_comes_with_the_answer(served: Served) -> None:
    answer = served.begin(TWICE)
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert "refunded" in answer.json()["response"]
    more = served.post(
        f"/conversations/{answer.json()['conversation_id']}/messages", {"message": PASSWORD}, Prefer="wait=20"
    )
    assert (more.status_code, more.json()["is_new_conversation"]) == (200, False)


def test_nobody_has_to_wait(served: Served) -> None:
    accepted = served.begin(PASSWORD, "cus_farid", wait=0)
    assert accepted.status_code == 202
    assert await_task(served, accepted.json()["task_id"])["status"] == "done"


def test_an_approval_over_http_sends_the_refund_and_the_final_reply(served: Served) -> None:
    began = served.begin(LARGE, "cus_dmitri").json()
    assert began["outcome"] == "awaiting_approval"
    asked = next(each for each in served.get("/approvals").json()["approvals"] if each["customer_id"] == "cus_dmitri")
    body = {"decision": "approve", "args_hash": asked["args_hash"], "operator": "noor"}
    with listen(served, began["conversation_id"]) as heard:
        assert served.post(f"/approvals/{asked['approval_id']}", body).json()["state"] == "APPROVED"
        await_push(heard, "status_update")
    thread = served.get(f"/conversations/{began['conversation_id']}").json()
    assert "refunded" in thread["messages"][-1]["text"]


def test_many_callers_at_once_are_all_answered(served: Served) -> None:
    with ThreadPoolExecutor(24) as crowd:
        answers = list(crowd.map(lambda number: served.begin(PASSWORD, f"nobody-{number}"), range(48)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["conversation_id"] for answer in answers}) == 48


def test_a_listener_hears_the_status_and_the_reply(served: Served) -> None:
    accepted = served.begin(PASSWORD, "cus_kim").json()
    with listen(served, accepted["conversation_id"]) as heard:
        heard.send(json.dumps({"type": "message", "message": "How do I invite a colleague?"}))
        pushes = {push["type"]: push for push in (json.loads(heard.recv(timeout=20)) for _ in range(3))}
    assert pushes.keys() == {"accepted", "status_update", "reply"}
    told = pushes["status_update"]
    assert told["conversation_id"] == accepted["conversation_id"]
    assert told.keys() >= {"type", "conversation_id", "status", "timestamp"}


def test_the_desk_hears_of_a_conversation_that_needs_a_person(served: Served) -> None:
    with listen(served) as desk:
        served.begin("I want to speak to a real person now!", "cus_gina")
        await_push(desk, "status_update")


@pytest.mark.parametrize(
    ("query", "hello", "code"),
    [
        ("", {"type": "auth", "key": "sm_demo_wrong"}, 4401),
        ("", {"type": "auth"}, 4401),
        ("?conversation=c0", None, 4404),
        ("?conversation=../x", None, 4404),
        ("", [], 1003),
    ],
)
def test_a_listener_without_a_right_is_closed(served: Served, query: str, hello: Any, code: int) -> None:
    """T24: closed with a code that says why."""
    with open_socket(served, query) as opened:
        opened.send(json.dumps(hello if hello is not None else {"type": "auth", "key": served.key}))
        assert closing_code(opened) == code


def test_a_page_of_another_origin_gets_no_socket(served: Served) -> None:
    """T25."""
    with pytest.raises(InvalidStatus) as refused, open_socket(served, "", origin="https://evil.example"):
        raise AssertionError("it was let in")
    assert refused.value.response.status_code == 403


def test_a_large_frame_and_a_flood_end_a_connection(served: Served) -> None:
    """T25: 1009 and 4429."""
    with listen(served) as large:
        large.send("x" * 129 * 1024)
        assert closing_code(large) == 1009
    with listen(served) as flood:
        with suppress(ConnectionClosed):
            for _ in range(1000):
                flood.send(json.dumps({"type": "ping"}))
        assert closing_code(flood) == 4429


def test_another_host_name_and_a_body_without_end_are_refused(served: Served) -> None:
    with served.client as client:
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 400
        endless = client.post("/api/v1/conversations", content=(b"x" * 10_000 for _ in range(20)))
        assert endless.status_code == 413
        assert client.post("/api/v1/conversations", content=b"\xff\xfe{}").json()["details"][0]["limit"] == "UTF-8"


def test_the_page_needs_nothing_from_elsewhere(served: Served) -> None:
    with served.client as client:
        page = client.get("/")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        files = [
            client.get(path) for path in ("/", "/app.js", "/api.js", "/customer.js", "/desk.js", "/app.css", "/docs")
        ]
        assert all(file.status_code == 200 for file in files)
        assert not [file.url for file in files if "https://" in file.text or "innerHTML" in file.text]


def test_the_demo_key_is_for_its_owner_and_for_the_page(served: Served) -> None:
    file = served.data / "demo.key"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    with served.client as client:
        assert client.get("/demo.json", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert client.get("/demo.json").status_code == 403
        assert client.get("/demo.json", headers={"Sec-Fetch-Site": "same-origin"}).json()["key"] == served.key


def test_a_second_server_on_the_folder_or_the_port_says_why_it_cannot(served: Served, tmp_path: Path) -> None:
    port = int(served.address.rpartition(":")[2])
    for data, where, reason in ((served.data, 0, "is in use by process"), (tmp_path / "other", port, f"port {port}")):
        process = start_server(data, port=where)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 1
        assert reason in said
        assert "Traceback" not in said


def test_a_stopped_server_leaves_everything_for_the_next(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with any_server(data) as first:
        accepted = [first.begin(PASSWORD, f"c{number}", wait=0).json() for number in range(5)]
        key = first.key
        assert stop_server(first.process) == 0
    with any_server(data) as second:
        assert second.key == key
        assert [await_task(second, each["task_id"])["status"] for each in accepted] == ["done"] * 5


def test_a_message_accepted_before_kill_9_is_answered_after_a_restart(tmp_path: Path) -> None:
    """F60, I13: killed while callers wait; whatever was accepted, with its key, is answered once."""
    data = tmp_path / "data"
    with any_server(data) as first:
        callers = [threading.Thread(target=begin_and_lose, args=(first, number), daemon=True) for number in range(12)]
        for caller in callers:
            caller.start()
        time.sleep(0.25)
        first.process.kill()
        for caller in callers:
            caller.join(30)
    with any_server(data) as second:
        for number in range(12):
            again = second.begin(TWICE, "cus_ben", key=f"k{number}")
            assert again.status_code == 200, again.text
            said = second.get(f"/conversations/{again.json()['conversation_id']}").json()["messages"]
            assert [each["role"] for each in said] == ["customer", "assistant"]


def begin_and_lose(server: Served, number: int) -> None:
    """A caller whose server is killed under it."""
    try:
        server.begin(TWICE, "cus_ben", key=f"k{number}")
    except httpx.TransportError:
        return


def await_task(server: Served, task: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while True:
        found: dict[str, Any] = server.get(f"/tasks/{task}").json()
        if found["status"] != "pending" or time.monotonic() > until:
            return found
        time.sleep(0.05)


def open_socket(server: Served, query: str, origin: str | None = None) -> ClientConnection:
    address = f"{server.address.replace('http', 'ws')}/ws{query}"
    return connect(address, additional_headers={"Origin": origin} if origin else None, open_timeout=20)


def listen(server: Served, conversation: str = "") -> ClientConnection:
    """A connection that has been let in."""
    opened = open_socket(server, f"?conversation={conversation}" if conversation else "")
    opened.send(json.dumps({"type": "auth", "key": server.key}))
    assert json.loads(opened.recv(timeout=20))["type"] == "ready"
    return opened


def await_push(heard: Connection, kind: str) -> dict[str, Any]:
    while True:
        push: dict[str, Any] = json.loads(heard.recv(timeout=20))
        if push["type"] == kind:
            return push


def closing_code(opened: Connection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            opened.recv(timeout=20)
    return opened.close_code
