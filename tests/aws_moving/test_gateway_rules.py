"""What a gateway is asked, and what it takes: contracts, systems, keys, URLs, secrets, signed bodies."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.business.gateway import SECRET, Gateway, check_url
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
    TooLarge,
    Unavailable,
    Unsupported,
)
from tests.aws_moving.any_gateway import act, answered_by, any_gateway, says
from tests.contract.test_gateway_business_systems import A_SECRET, open_company

CONTRACT = {"window": 86_400, "late_bound": 4, "looks_up": True, "answers_within": 1}


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
        stranger = any_gateway(opened.business_systems._url, tmp_path / "stranger")
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


def test_the_secret_is_read_once_and_again_when_the_gateway_no_longer_takes_it(tmp_path: Path) -> None:
    with open_company(tmp_path / "company") as opened:
        secrets = LocalSecrets(tmp_path / "company" / "secrets", LocalIds())
        reads = opened.business_systems
        reads.read("catalogue", "plans", {})
        for name in (SECRET, server.SECRET):
            for new in (b"the next secret", b"the one after it"):
                secrets.put(name, new)
        with pytest.raises(Unavailable, match="not_authenticated"):
            reads.read("catalogue", "plans", {})
        assert reads.read("catalogue", "plans", {})["plans"]
        secrets.delete(SECRET)
        assert reads.read("catalogue", "plans", {})["plans"]
