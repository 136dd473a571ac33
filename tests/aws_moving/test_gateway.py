"""What the gateway's client makes of every answer, and of none: only a plain "not done" may be tried again."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.business.gateway import SECRET, Gateway, Patience, check_url
from adapters.business.sandbox import server
from adapters.business.sandbox.sandbox import Sandbox
from adapters.business.sandbox.server import GatewayServer
from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from shared.access.webhooks import sign_headers
from shared.errors import (
    InvalidInput,
    Misconfigured,
    NotFound,
    NotPermitted,
    Refused,
    SupportMaxError,
    TooLarge,
    Unavailable,
    Uncertain,
    Unsupported,
    WrongState,
)
from tests.contract.test_gateway_business_systems import A_SECRET, open_company

HASTY = Patience(connect=0.5, read=0.2, act=0.3)
CONTRACT = {"window": 86_400, "late_bound": 4, "looks_up": True, "answers_within": 1}
Speak = Callable[[socket.socket], None]


@contextmanager
def answered_by(speak: Speak) -> Iterator[str]:
    """A server that reads a request and then does as `speak` says; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                connected, _ = listening.accept()
                with connected:
                    if over.is_set():
                        return
                    read_request(connected)
                    speak(connected)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            socket.create_connection(listening.getsockname()).close()
            thread.join()


def read_request(connected: socket.socket) -> None:
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += connected.recv(65_536)
    head, _, body = seen.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connected.recv(65_536)


def says(status: int, told: Any, more: str = "") -> Speak:
    """Answer like an HTTP server; `told` is JSON, or text as it is."""
    body = (told if isinstance(told, str) else json.dumps(told)).encode()
    head = f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode()
    return lambda connected: connected.sendall(head + body)


def any_gateway(url: str, folder: Path, patience: Patience = HASTY) -> Gateway:
    secrets = LocalSecrets(folder / "secrets", LocalIds())
    secrets.put(SECRET, A_SECRET)
    return Gateway(url, secrets, SystemClock(), LocalIds(), patience=patience)


def act(gateway: Gateway) -> dict[str, Any]:
    return gateway.act("billing", "refund", {"payment": "p1"}, key="ef1")


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
        gateway, began = any_gateway(url, tmp_path), time.monotonic()
        with pytest.raises(Uncertain):
            act(gateway)
        assert time.monotonic() - began < 0.6


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


def test_a_contract_adds_the_time_that_we_wait_and_is_believed_for_a_while(tmp_path: Path) -> None:
    asked: list[int] = []

    def tell(connected: socket.socket) -> None:
        asked.append(1)
        says(200, {"result": CONTRACT})(connected)

    secrets = LocalSecrets(tmp_path / "secrets", LocalIds())
    secrets.put(SECRET, A_SECRET)
    clock = ShiftedClock(SystemClock())
    with answered_by(tell) as url:
        gateway = Gateway(url, secrets, clock, LocalIds())
        assert gateway.contract("billing").late_bound == 12
        assert gateway.contract("billing").window == 86_400
        assert len(asked) == 1
        clock.advance(301)
        gateway.contract("billing")
        assert len(asked) == 2


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        CONTRACT | {"window": "30 days"},
        CONTRACT | {"window": -1},
        CONTRACT | {"looks_up": 1},
        CONTRACT | {"late_bound": "4"},
    ],
)
def test_a_contract_that_promises_nothing_readable_is_no_contract(told: Any, tmp_path: Path) -> None:
    with answered_by(says(200, {"result": told})) as url, pytest.raises(Unavailable):
        any_gateway(url, tmp_path).contract("billing")


def test_an_unbounded_lateness_stays_unbounded(tmp_path: Path) -> None:
    with answered_by(says(200, {"result": CONTRACT | {"late_bound": None, "more": 1}})) as url:
        assert any_gateway(url, tmp_path).contract("billing").late_bound is None


@pytest.mark.parametrize("system", ["", "Billing", "../billing", "billing/act", "a" * 41, "bill ing"])
def test_b5_what_cannot_be_a_system_is_not_asked_for(system: str, tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        any_gateway("http://127.0.0.1:9", tmp_path).read(system, "x", {})


def test_without_a_url_every_system_is_unsupported(tmp_path: Path) -> None:
    gateway = any_gateway("", tmp_path)
    asks: list[Callable[[], Any]] = [
        lambda: gateway.read("billing", "payments", {}),
        lambda: act(gateway),
        lambda: gateway.look_up("billing", "ef1"),
        lambda: gateway.contract("billing"),
    ]
    for ask in asks:
        with pytest.raises(Unsupported):
            ask()


@pytest.mark.parametrize("key", ["", "two words", "line\r\nx-admin: 1", "x" * 201, "é"])
def test_a_key_that_could_not_be_a_header_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        any_gateway("http://127.0.0.1:9", tmp_path).act("billing", "refund", {}, key=key)


def test_arguments_that_are_no_json_or_too_many_are_refused(tmp_path: Path) -> None:
    gateway = any_gateway("http://127.0.0.1:9", tmp_path)
    with pytest.raises(InvalidInput):
        gateway.read("billing", "payments", {"a": b"x"})
    with pytest.raises(TooLarge):
        gateway.read("billing", "payments", {"a": "x" * 70_000})


@pytest.mark.parametrize(
    "url",
    [
        "http://company.example",
        "ftp://127.0.0.1",
        "https://",
        "company.example",
        "https://user@company.example",
        "https://company.example/?a=1",
        "http://127.0.0.1.company.example",
    ],
)
def test_a_url_without_tls_or_with_more_than_a_path_is_a_mistake_of_the_settings(url: str) -> None:
    with pytest.raises(Misconfigured):
        check_url(url)


def test_a_url_may_have_a_path_and_a_slash_at_its_end() -> None:
    assert check_url("https://company.example/support/") == "https://company.example/support"


def test_a_missing_secret_says_which(tmp_path: Path) -> None:
    secrets = LocalSecrets(tmp_path / "secrets", LocalIds())
    gateway = Gateway("http://127.0.0.1:9", secrets, SystemClock(), LocalIds())
    with pytest.raises(Misconfigured, match="business-gateway"):
        act(gateway)


def test_a_request_with_another_secret_is_refused_and_nothing_is_done(tmp_path: Path) -> None:
    with open_company(tmp_path / "company") as opened:
        stranger = any_gateway(opened.business_systems._url, tmp_path / "stranger", Patience())
        stranger._secrets.put(SECRET, b"another secret")
        with pytest.raises(Unavailable, match="not_authenticated"):
            stranger.act("accounts", "issue_api_key", {"customer": "cus_eva", "label": "x"}, key="k1")
        assert opened.company.look_up("accounts", "k1") is None


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"[]",
        b"[" * 10_000,
        b'{"system":"billing","do":"read"}',
        b'{"system":"billing","do":"act","operation":"refund","arguments":[]}',
        b'{"system":"billing","do":"act","operation":1}',
        b'{"system":"billing","do":"drop"}',
    ],
)
def test_the_server_takes_only_a_signed_body_that_names_its_path(asked: bytes, tmp_path: Path) -> None:
    clock, secrets = SystemClock(), LocalSecrets(tmp_path / "secrets", LocalIds())
    secrets.put(server.SECRET, A_SECRET)
    headers = sign_headers(A_SECRET, "m1", clock.now() // 1000, asked)
    with closing(Sandbox(tmp_path)) as company:
        status, told = server.answer(company, secrets, clock, "/billing/act", headers, asked)
    assert (status, told["error"]["code"]) == (422, "invalid_input")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    secrets = LocalSecrets(tmp_path / "secrets", LocalIds())
    with (
        closing(Sandbox(tmp_path)) as company,
        GatewayServer(company, secrets, SystemClock()) as first,
        pytest.raises(Misconfigured, match="--port"),
    ):
        GatewayServer(company, secrets, SystemClock(), port=first.server_port)
