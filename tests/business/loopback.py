"""A vendor's API on 127.0.0.1 for tests: real HTTP, books of its own, and a fault for each action if wanted."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shared.ports.clock import Clock

AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; `cut`: none at all, `silent`: none, and the connection stays open."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False


def says(status: int, told: Any) -> Said:
    return Said(status, json.dumps(told).encode())


class Vendor:
    """What every vendor here has: faults that its next actions meet, and requests that it will carry out later.

    A subclass answers, says which requests act, and how a failure looks.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock, self.lock = clock, Lock()
        self.faults: deque[str] = deque()
        self.standing, self.down = "", False
        self.waiting: list[Asked] = []
        self.asked: list[Asked] = []
        self.over = threading.Event()

    def serve(self, asked: Asked) -> Said:
        with self.lock:
            self.asked.append(asked)
            if self.down:
                return self.failure(429)
            if not self.acts(asked):
                return self.answer(asked)
            return FAULTS[self.faults.popleft() if self.faults else self.standing](self, asked)

    def catch_up(self) -> None:
        """Do what was still in flight."""
        with self.lock:
            late, self.waiting = self.waiting, []
            for asked in late:
                self.answer(asked)

    def acts(self, asked: Asked) -> bool:
        raise NotImplementedError

    def answer(self, asked: Asked, *, share: int = 1) -> Said:
        """Do as asked; of an amount only its whole hundreds divided by `share`, where that is not 1."""
        raise NotImplementedError

    def failure(self, status: int) -> Said:
        raise NotImplementedError

    def forget(self) -> None:
        """As if nothing had ever been done."""
        raise NotImplementedError

    def keep(self, asked: Asked, said: Said) -> Said:
        """Remember an answer under the request's key, where the vendor does so."""
        return said

    def later(self, asked: Asked, said: Said) -> Said:
        self.waiting.append(asked)
        return said

    def after(self, asked: Asked, said: Said) -> Said:
        """Act, and say something else."""
        self.answer(asked)
        return said


CUT = Said(0, cut=True)
ELSEWHERE = {"location": "https://elsewhere.example/"}
FAULTS: dict[str, Callable[[Vendor, Asked], Said]] = {
    "": lambda vendor, asked: vendor.answer(asked),
    "fails_after": lambda vendor, asked: vendor.keep(asked, vendor.after(asked, vendor.failure(500))),
    "fails_before": lambda vendor, asked: vendor.keep(asked, vendor.failure(500)),
    "lost": lambda vendor, asked: vendor.after(asked, CUT),
    "late": lambda vendor, asked: vendor.later(asked, CUT),
    "in_flight": lambda vendor, asked: vendor.later(asked, vendor.failure(409)),
    "throttled": lambda vendor, asked: vendor.failure(429),
    "malformed": lambda vendor, asked: vendor.after(asked, Said(200, b'{"id": "re_1", "amo')),
    "not_an_object": lambda vendor, asked: vendor.after(asked, Said(200, b"[]")),
    "silent": lambda vendor, asked: vendor.later(asked, Said(0, silent=True)),
    "redirect": lambda vendor, asked: Said(302, headers=ELSEWHERE),
    "gateway_page": lambda vendor, asked: vendor.after(asked, Said(502, b"<html>Bad gateway</html>")),
    "partly": lambda vendor, asked: vendor.answer(asked, share=2),
}


@contextmanager
def served(vendor: Vendor) -> Iterator[str]:
    """The vendor's URL while the block runs."""
    with Loopback(vendor) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            vendor.over.set()
            server.shutdown()
            thread.join()


class Loopback(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Loopback
    timeout = 5

    def handle_any(self) -> None:
        body, parts = self.rfile.read(int(self.headers.get("content-length") or 0)), urlsplit(self.path)
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), dict(self.headers.items()), body)
        said = self.server.vendor.serve(asked)
        self.close_connection = True
        if said.silent:
            self.server.vendor.over.wait(self.timeout)
            return
        if said.cut:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            return
        self.send_response(said.status)
        for name, value in {"content-type": "application/json", **said.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    do_GET = do_POST = do_PUT = handle_any

    def log_message(self, *_: object) -> None:
        """Nothing."""
