"""The REST API of one machine: requests are routed in threads, and whoever waits for a reply waits without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.local.envelopes import Event, to_event, to_response
from adapters.local.provider import LocalProvider
from adapters.local.worker import Worker
from shared.access.gate import Gate
from shared.access.listeners import WAITING

FRONT, BACKEND, CALLER, REQUESTS = (f"functions.api.{name}" for name in ("front", "backend", "caller", "requests"))
HOSTS = ["127.0.0.1", "localhost"]  # a foreign name that leads here is not ours to answer (DNS rebinding)
LOOK_AGAIN_SECONDS = 1.0


class Wait(Protocol):
    """A caller who waits for a task (functions.api.front)."""

    @property
    def tenant(self) -> str: ...
    @property
    def conversation(self) -> str: ...
    @property
    def seconds(self) -> int: ...


class Rest:
    """The API with its worker; the router serves one request at a time, so a lock stands before it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        provider, app, tenant = worker.platform.provider, worker.platform.app, worker.settings.tenant
        gate = Gate(provider.records, provider.secrets, provider.tenants, provider.clock, tenant)
        self.is_stopping: Callable[[], bool] = lambda: False
        self._turnstile = threading.Lock()
        self.ids = provider.ids
        self.connections = provider.connections
        self.max_bytes: Callable[[str], int] = import_module(REQUESTS).max_bytes
        self.permissions: tuple[str, ...] = import_module(CALLER).PERMISSIONS
        self._api = import_module(FRONT).Api(
            import_module(BACKEND).Backend(
                call=worker.platform.call,
                records=provider.records,
                vault=app.vault,
                company=app.company,
                clock=provider.clock,
                ids=provider.ids,
                telemetry=provider.telemetry,
                identify=gate.identify,
                admit=gate.admit,
                probe=lambda: probe(provider),
                counts=provider.telemetry.totals,
                tenant=tenant,
            )
        )

    def answer(self, event: Event) -> Event:
        """One request's answer, from any thread; what it stored is looked at at once."""
        with self._turnstile:
            answered: Event = self._api.answer(event, None)
        if event["requestContext"]["http"]["method"] == "POST":
            self.worker.wake()
        return answered

    async def respond(self, request: Request) -> Response:
        """Answer a request; with `Prefer: wait` its reply, if that comes in time."""
        body = await read_body(request, self.max_bytes(request.url.path))
        event = to_event(request, body, self.ids.new("r"))
        answer = await run_in_threadpool(self.answer, event)
        wait: Wait | None = await run_in_threadpool(self._api.wait_of, event, answer)
        if wait is not None:
            answer = await self._wait_for(event, wait) or answer
        return to_response(answer)

    async def _wait_for(self, event: Event, wait: Wait) -> Event | None:
        """Look whenever something is pushed about the conversation, and once a second because a push may be lost."""
        told, loop, name = asyncio.Event(), asyncio.get_running_loop(), self.ids.new(WAITING)

        def tell(_: dict[str, Any]) -> bool:
            loop.call_soon_threadsafe(told.set)
            return True

        self.connections.attach(name, tell)
        self.connections.join(name, f"{wait.tenant}|{wait.conversation}")
        until = loop.time() + wait.seconds
        try:
            while True:
                told.clear()
                answer: Event | None = await run_in_threadpool(self._api.answer_waited, event, wait)
                left = until - loop.time()
                if answer is not None or left <= 0 or self.is_stopping():
                    return answer
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), min(left, LOOK_AGAIN_SECONDS))
        finally:
            self.connections.leave(name)


async def read_body(request: Request, at_most: int) -> bytes:
    """The body, or just more than is allowed of one that is too long, which the front then refuses."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > at_most:
            break
    return bytes(body)


def probe(provider: LocalProvider) -> dict[str, Any]:
    """How the parts are: whether the store can be read, and what waits in which queue."""
    queues = ("turns", *provider.events.queues)
    return {
        "records": {"ok": provider.records.get("T|health|probe", "HEAD") is None},
        "queues": {"ok": True, "waiting": {name: provider.queue.depth(name) for name in queues}},
        "dead_letters": {"ok": True, "count": {name: len(provider.queue.dead_letters(name)) for name in queues}},
        "telemetry": {"ok": provider.telemetry.lost == 0, "lost": provider.telemetry.lost},
    }


def build_app(rest: Rest, more: list[BaseRoute]) -> Starlette:
    """The web application; the worker starts and stops with it."""

    @asynccontextmanager
    async def work(_: Starlette) -> AsyncIterator[None]:
        rest.worker.start()
        try:
            yield
        finally:
            await run_in_threadpool(rest.worker.stop)

    respond: Callable[[Request], Awaitable[Response]] = rest.respond
    every = Route("/{path:path}", respond, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    return Starlette(routes=[*more, every], middleware=[guard], lifespan=work)
