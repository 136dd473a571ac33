"""A gateway that answers whatever a test wants, and the client that asks it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.business.gateway import SECRET, Gateway, Patience
from adapters.local.clock import SystemClock
from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from tests.contract.test_gateway_business_systems import A_SECRET

HASTY = Patience(connect=0.5, read=0.2, act=0.3)
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


def any_gateway(url: str, folder: Path, patience: Patience | None = None) -> Gateway:
    secrets = LocalSecrets(folder / "secrets", LocalIds())
    secrets.put(SECRET, A_SECRET)
    return Gateway(url, secrets, SystemClock(), LocalIds(), patience=patience)


def act(gateway: Gateway) -> dict[str, Any]:
    return gateway.act("billing", "refund", {"payment": "p1"}, key="ef1")
