"""The sandbox company behind the HTTP gateway that a real company would build (adapters/business/gateway.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from adapters.business.sandbox.sandbox import Sandbox
from shared.access.webhooks import MAX_BYTES, secret_name, verify_webhook
from shared.errors import (
    InvalidInput,
    Misconfigured,
    NotAuthenticated,
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
from shared.ports.clock import Clock
from shared.ports.secrets import Secrets

HOST = "127.0.0.1"
TENANT, SOURCE = "sandbox", "gateway"
SECRET = secret_name(TENANT, SOURCE)  # where the secret stands that requests are signed with
STATUS: dict[type[SupportMaxError], int] = {
    InvalidInput: 422, NotAuthenticated: 401, NotPermitted: 403, NotFound: 404, WrongState: 409, Refused: 422,
    TooLarge: 413, Unsupported: 501, Unavailable: 503, Uncertain: 504,
}  # fmt: skip

Body = dict[str, Any]
ASKED: dict[str, Callable[[Sandbox, Body], Any]] = {
    "read": lambda company, asked: company.read(asked["system"], asked["operation"], asked["arguments"]),
    "act": lambda company, asked: company.act(
        asked["system"], asked["operation"], asked["arguments"], key=asked["key"]
    ),
    "look_up": lambda company, asked: company.look_up(asked["system"], asked["key"]),
    "contract": lambda company, asked: asdict(company.contract(asked["system"])),
}
KINDS: dict[str, type] = {"system": str, "do": str, "operation": str, "key": str, "arguments": dict}


def answer(
    company: Sandbox, secrets: Secrets, clock: Clock, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, Body]:
    """A request's status and answer; every error of ours is told by its code."""
    try:
        verify_webhook(secrets, clock, TENANT, SOURCE, headers, body)
        asked = read_request(path, body)
        return 200, {"result": ASKED[asked["do"]](company, asked)}
    except SupportMaxError as error:
        return status_of(error), {"error": describe(error)}


def read_request(path: str, body: bytes) -> Body:
    """What is asked; raises InvalidInput unless the signed body names the path that it was sent to."""
    asked = {"operation": "", "key": "", "arguments": {}, **_read_object(body)}
    for name, kind in KINDS.items():
        if not isinstance(asked.get(name), kind):
            raise _bad(name, kind.__name__)
    if asked["do"] not in ASKED or path != f"/{asked['system']}/{asked['do']}":
        raise _bad("do", f"the path that it is sent to: /<system>/<{'|'.join(ASKED)}>")
    return asked


def _read_object(body: bytes) -> Body:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad("body", "JSON") from error
    if not isinstance(given, dict):
        raise _bad("body", "an object")
    return given


def status_of(error: SupportMaxError) -> int:
    """The HTTP status of an error, by the nearest of its kinds."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def describe(error: SupportMaxError) -> Body:
    """An error as the gateway's client reads it; a port's error that the client has no word for is unclear to it."""
    if isinstance(error, Refused):
        return {**error.body(), "message": error.message}
    field = error.feature if isinstance(error, Unsupported) else None
    return {"code": error.code, "message": str(error), "field": field}


class GatewayServer(ThreadingHTTPServer):
    """The gateway on this machine; `serve_forever` serves, `server_close` ends it. Port 0: any free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, company: Sandbox, secrets: Secrets, clock: Clock, *, port: int = 0) -> None:
        self.company, self.secrets, self.clock = company, secrets, clock
        try:
            super().__init__((HOST, port), GatewayHandler)
        except OSError as error:
            raise Misconfigured(f"port {port} cannot be used ({error.strerror}): give another --port") from error

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://{HOST}:{self.server_port}"


class GatewayHandler(BaseHTTPRequestHandler):
    """One request of the gateway's client."""

    server: GatewayServer
    timeout = 10  # seconds for a client that says nothing

    def do_POST(self) -> None:
        length = self.headers.get("content-length") or ""
        if not length.isdecimal() or int(length) > MAX_BYTES:
            self._say(413, {"error": describe(_bad("content-length", f"0 to {MAX_BYTES}"))})
            return
        body, of = self.rfile.read(int(length)), self.server
        self._say(*answer(of.company, of.secrets, of.clock, self.path, dict(self.headers), body))

    def log_message(self, *_: object) -> None:
        """Nothing: a line for every request would tell of customers."""

    def _say(self, status: int, told: Body) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _bad(field: str, limit: str) -> InvalidInput:
    return InvalidInput(f"{field} cannot be read", field=field, limit=limit, action="see adapters/business/gateway.py")
