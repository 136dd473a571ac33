"""The page of one machine: a customer's chat and the operators' desk, from files beside this one and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from adapters.local.http import Rest
from adapters.local.live import serve_socket

FOLDER = Path(__file__).parent
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/app.css": ("app.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/api.js": ("api.js", "text/javascript; charset=utf-8"),
    "/customer.js": ("customer.js", "text/javascript; charset=utf-8"),
    "/desk.js": ("desk.js", "text/javascript; charset=utf-8"),
}
# Nothing from elsewhere, nothing inline: a customer's words stay words (T17).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://{host}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(rest: Rest, demo_key: str) -> list[BaseRoute]:
    """The page, its WebSocket, and, with a key, what the demo needs to begin."""

    async def live(socket: WebSocket) -> None:
        await serve_socket(rest, socket)

    async def begin(request: Request) -> Response:
        return tell_demo(rest, demo_key, request)

    files: list[BaseRoute] = [Route(path, show, methods=["GET"]) for path in FILES]
    return [*files, Route("/demo.json", begin, methods=["GET"]), WebSocketRoute("/ws", live)]


def show(request: Request) -> Response:
    """One of the page's files."""
    name, kind = FILES[request.url.path]
    policy = POLICY.format(host=request.url.netloc)
    content = (FOLDER / name).read_bytes()
    return Response(content, media_type=kind, headers=HEADERS | {"Content-Security-Policy": policy})


def tell_demo(rest: Rest, key: str, request: Request) -> Response:
    """The demo's key, people and samples, for the page itself alone: a page from elsewhere is refused."""
    staff = rest.worker.platform.app.company.staff.operators
    operators = [{"id": each.id, "name": each.name, "level": each.level, "roles": each.roles} for each in staff]
    if request.headers.get("sec-fetch-site") != "same-origin":
        return JSONResponse({"error": "for the page at / only"}, status_code=403, headers=HEADERS)
    if not key:
        return JSONResponse({"demo": False, "operators": operators}, headers=HEADERS)
    samples = json.loads((FOLDER / "samples.json").read_text("utf-8"))
    return JSONResponse({"demo": True, "key": key, "operators": operators, "customers": samples}, headers=HEADERS)
