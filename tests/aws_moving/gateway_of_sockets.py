"""API Gateway's way to a WebSocket, on this machine: POST /@connections/{id}, answered 410 where nobody is there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from adapters.aws.clients import Clients
from tests.contract.aws_backend import REGION

PATH = "/dev/@connections/"
GONE: tuple[int, dict[str, str]] = (410, {})


@dataclass
class SocketGateway:
    """Who is connected, and what arrived there; `fault` is a status and headers that every post is answered with."""

    url: str
    clients: Clients
    arrived: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fault: tuple[int, dict[str, str]] | None = None
    posts: int = 0

    def connect(self, connection: str) -> list[dict[str, Any]]:
        """A connection; the list that what arrives is added to."""
        return self.arrived.setdefault(connection, [])

    def disconnect(self, connection: str) -> None:
        """Cut a connection without telling anybody."""
        del self.arrived[connection]

    def forget(self) -> None:
        """Nobody is connected, nothing is broken."""
        self.arrived.clear()
        self.fault, self.posts = None, 0

    def post(self, path: str, body: bytes) -> tuple[int, dict[str, str]]:
        """What is answered to a post."""
        self.posts += 1
        if self.fault:
            return self.fault
        found = self.arrived.get(unquote(path.removeprefix(PATH)))
        if found is None:
            return GONE
        found.append(json.loads(body))
        return 200, {}


@contextmanager
def open_gateway() -> Iterator[SocketGateway]:
    """A server on 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers = gateway.post(self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = SocketGateway(f"http://127.0.0.1:{server.server_port}/dev", Clients(REGION))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
