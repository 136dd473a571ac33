"""The WebSocket of one machine: whoever has a key hears of their conversation, or of the desk, and may write.

What is said on it, and the closing codes, stand in functions/realtime/message.py; here 4403 is also for a foreign
origin, 4429 for a flood, and 4401 where no key comes in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from adapters.local.http import Rest
from shared.errors import SupportMaxError

AUTH_SECONDS = 10
MOST_WAITING = 100
MOST_A_SECOND = 20
NO_KEY, FOREIGN, FLOOD, UNREADABLE, BROKEN = 4401, 4403, 4429, 1003, 1011


class Closed(Exception):
    """The connection is to be closed with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def serve_socket(rest: Rest, socket: WebSocket) -> None:
    """One connection from its opening to its end."""
    if not is_own_origin(socket):
        await socket.close(FOREIGN)
        return
    await socket.accept()
    name, waiting = rest.ids.new("ws"), asyncio.Queue[dict[str, Any]](MOST_WAITING)
    sending = asyncio.create_task(_send_all(socket, waiting))
    rest.connections.attach(name, _pusher(waiting))
    try:
        with suppress(WebSocketDisconnect):
            await _converse(rest, socket, name, waiting)
    except Closed as end:
        with suppress(RuntimeError):  # gone already
            await socket.close(end.code)
    finally:
        rest.connections.leave(name)
        sending.cancel()
    await _call(rest, "realtime.disconnect", connection=name)


def is_own_origin(socket: WebSocket) -> bool:
    """A page of another origin has no business here; a program sends no origin (T25)."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _converse(rest: Rest, socket: WebSocket, name: str, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    await _call(rest, "realtime.connect", connection=name, conversation=socket.query_params.get("conversation", ""))
    loop = asyncio.get_running_loop()
    second, count = loop.time(), 0
    patience: float | None = AUTH_SECONDS
    while True:
        heard = await _call(rest, "realtime.message", connection=name, body=await _receive(socket, patience))
        if heard["say"]:
            _offer(waiting, heard["say"])
        if heard["close"]:
            raise Closed(heard["close"])
        rest.worker.wake()
        second, count, patience = (second, count + 1, None) if loop.time() - second < 1 else (loop.time(), 1, None)
        if count > MOST_A_SECOND:
            raise Closed(FLOOD)


async def _call(rest: Rest, handler: str, **task: str) -> dict[str, Any]:
    """What a handler answers; raises Closed."""
    try:
        answer: dict[str, Any] = await run_in_threadpool(rest.worker.platform.call, handler, task)
    except SupportMaxError:
        raise Closed(BROKEN) from None
    return answer


async def _receive(socket: WebSocket, seconds: float | None) -> str:
    """One text message; raises Closed where none comes in time, or a binary one."""
    try:
        return await asyncio.wait_for(socket.receive_text(), seconds)
    except TimeoutError:
        raise Closed(NO_KEY) from None
    except KeyError:
        raise Closed(UNREADABLE) from None


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
