"""What the gateway's client makes of every answer, and of none: only a plain "not done" may be tried again."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.errors import (
    InvalidInput,
    NotFound,
    NotPermitted,
    Refused,
    SupportMaxError,
    Unavailable,
    Uncertain,
    Unsupported,
    WrongState,
)
from tests.aws_moving.any_gateway import HASTY, Speak, act, answered_by, any_gateway, says


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("refused", Refused),
        ("invalid_input", InvalidInput),
        ("not_found", NotFound),
        ("not_permitted", NotPermitted),
        ("wrong_state", WrongState),
        ("unavailable", Unavailable),
        ("throttled", Unavailable),
        ("not_authenticated", Unavailable),
        ("unsupported", Unsupported),
        ("uncertain", Uncertain),
        ("something new", Uncertain),
    ],
)
def test_b4_what_the_gateway_says_is_raised_by_its_code(
    code: str, error: type[SupportMaxError], tmp_path: Path
) -> None:
    told = {"error": {"code": code, "message": "no", "field": "amount_minor", "limit": "100", "action": "ask for less"}}
    with answered_by(says(422, told)) as url, pytest.raises(error) as raised:
        act(any_gateway(url, tmp_path))
    assert type(raised.value) is error
    if isinstance(raised.value, Refused):
        assert raised.value.body() == {"code": code, "field": "amount_minor", "limit": "100", "action": "ask for less"}


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (404, "no such page", Unavailable),
        (413, "", Unavailable),
        (429, "slow down", Unavailable),
        (408, "", Uncertain),
        (409, "", Uncertain),
        (500, "", Uncertain),
        (502, "<html>", Uncertain),
        (503, "the balancer's own", Uncertain),
        (504, {"error": "text"}, Uncertain),
        (302, "", Uncertain),
        (200, "no JSON", Uncertain),
        (200, [1], Uncertain),
        (200, {"result": None}, Uncertain),
        (200, {"error": {"code": "refused"}}, Uncertain),
        (200, "[" * 100_000, Uncertain),
        (200, {"result": {"x": "x" * 1_100_000}}, Uncertain),
    ],
)
def test_b4_an_answer_that_is_not_the_gateways_own_leaves_an_action_uncertain(
    status: int, told: Any, error: type[SupportMaxError], tmp_path: Path
) -> None:
    with answered_by(says(status, told, "location: http://127.0.0.1:1/\r\n")) as url, pytest.raises(error):
        act(any_gateway(url, tmp_path))


@pytest.mark.parametrize("status", [200, 302, 500, 503])
def test_a_read_is_never_uncertain(status: int, tmp_path: Path) -> None:
    with answered_by(says(status, "?")) as url:
        gateway = any_gateway(url, tmp_path)
        with pytest.raises(Unavailable):
            gateway.read("billing", "payments", {})
        with pytest.raises(Unavailable):
            gateway.look_up("billing", "ef1")


def silent(connected: socket.socket) -> None:
    time.sleep(0.6)


def hangs_up(connected: socket.socket) -> None:
    """Say nothing, and leave."""


def dribbles(connected: socket.socket) -> None:
    """A byte now and then, each of which would begin a socket's own timeout anew."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n":
            connected.sendall(bytes([letter]))
            time.sleep(0.05)
    except OSError:
        return


def dribbles_the_body(connected: socket.socket) -> None:
    try:
        connected.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        for _ in range(40):
            connected.sendall(b" ")
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize("speak", [silent, hangs_up, dribbles, dribbles_the_body])
def test_b4_no_answer_in_time_is_uncertain_and_the_time_is_for_all_of_it(speak: Speak, tmp_path: Path) -> None:
    with answered_by(speak) as url:
        gateway, began = any_gateway(url, tmp_path, HASTY), time.monotonic()
        with pytest.raises(Uncertain):
            act(gateway)
        assert time.monotonic() - began < 1.5  # the dribbling takes longer


def test_b4_nobody_there_is_unavailable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable):
        act(any_gateway(f"http://127.0.0.1:{port}", tmp_path))


def test_b4_a_certificate_that_is_none_is_unavailable_because_nothing_was_sent(tmp_path: Path) -> None:
    with answered_by_plain_text() as port, pytest.raises(Unavailable):
        act(any_gateway(f"https://localhost:{port}", tmp_path))


@contextmanager
def answered_by_plain_text() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connected, _ = listening.accept()
            with connected:
                connected.recv(10)
                connected.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()
