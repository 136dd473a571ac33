"""The WebSocket of one machine: whoever has a key hears of their conversation, or of the desk, and may write.

The first message is `{"type": "auth", "key": …}`; the key is checked again with every message. Closing codes: 4401 no
good key, 4403 a foreign origin or no permission, 4404 no such conversation, 4429 too many messages.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from adapters.local.http import Rest
from shared.errors import Refused

AUTH_SECONDS = 10
MOST_WAITING = 100
MOST_A_SECOND = 20
CLOSE_CODE = {200: 0, 401: 4401, 403: 4403, 404: 4404, 422: 4404, 429: 4429}
DESK = "/api/v1/handoffs"


class Closed(Exception):
    """The connection is to be closed with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def serve_socket(rest: Rest, socket: WebSocket) -> None:
    """One connection from its opening to its end."""
    if not is_own_origin(socket):
        await socket.close(4403)
        return
    await socket.accept()
    name, waiting = f"ws-{id(socket):x}", asyncio.Queue[dict[str, Any]](MOST_WAITING)
    sending = asyncio.create_task(_send_all(socket, waiting))
    try:
        await _converse(rest, socket, name, waiting)
    except Closed as end:
        with suppress(RuntimeError):  # gone already
            await socket.close(end.code)
    except WebSocketDisconnect:
        return
    finally:
        rest.connections.leave(name)
        sending.cancel()


def is_own_origin(socket: WebSocket) -> bool:
    """A page of another origin has no business here; a program sends no origin (T25)."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _converse(rest: Rest, socket: WebSocket, name: str, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    conversation = socket.query_params.get("conversation", "")
    try:
        hello = await asyncio.wait_for(_receive(socket), AUTH_SECONDS)
    except TimeoutError:
        raise Closed(4401) from None
    key = str(hello.get("key", ""))
    tenant = await _admit(rest, key, conversation)
    rest.connections.attach(name, _pusher(waiting))
    rest.connections.join(name, f"{tenant}|{conversation or 'desk'}")
    waiting.put_nowait({"type": "ready", "conversation_id": conversation})
    loop = asyncio.get_running_loop()
    second, count = loop.time(), 0
    while True:
        message = await _receive(socket)
        second, count = (second, count + 1) if loop.time() - second < 1 else (loop.time(), 1)
        if count > MOST_A_SECOND:
            raise Closed(4429)
        await _admit(rest, key, conversation)
        if message.get("type") == "message" and conversation:
            waiting.put_nowait(await _write(rest, key, conversation, message))


async def _admit(rest: Rest, key: str, conversation: str) -> str:
    """The tenant of a key that may hear this; raises Closed."""
    path = f"/api/v1/conversations/{conversation}/status" if conversation else DESK
    answer = await run_in_threadpool(rest.ask, "GET", path, key)
    code = CLOSE_CODE.get(answer["statusCode"], 1011)
    if code:
        raise Closed(code)
    try:
        return str((await run_in_threadpool(rest.access.identify, key)).tenant)
    except Refused:
        raise Closed(4401) from None


async def _write(rest: Rest, key: str, conversation: str, message: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"message": message.get("message")})
    path = f"/api/v1/conversations/{conversation}/messages"
    answer = await run_in_threadpool(rest.ask, "POST", path, key, body)
    kind = "accepted" if answer["statusCode"] == 202 else "refused"
    return {"type": kind, **json.loads(answer["body"])}


async def _receive(socket: WebSocket) -> dict[str, Any]:
    """One message; whatever is no JSON object ends the connection."""
    try:
        message = json.loads(await socket.receive_text())
    except (ValueError, KeyError, RecursionError):
        raise Closed(1003) from None
    if not isinstance(message, dict):
        raise Closed(1003)
    return message


async def _send_all(socket: WebSocket, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    while True:
        await socket.send_json(await waiting.get())


def _pusher(waiting: asyncio.Queue[dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    """Hands a push over to this loop without waiting; a listener who does not read is gone."""
    loop = asyncio.get_running_loop()

    def push(body: dict[str, Any]) -> bool:
        if waiting.full() or loop.is_closed():
            return False
        loop.call_soon_threadsafe(_offer, waiting, body)
        return True

    return push


def _offer(waiting: asyncio.Queue[dict[str, Any]], body: dict[str, Any]) -> None:
    with suppress(asyncio.QueueFull):  # a push may be lost (C2)
        waiting.put_nowait(body)
