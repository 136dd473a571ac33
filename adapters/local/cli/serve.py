"""`supportmax serve`: REST, WebSocket, a page and the workers on this machine, over one data folder."""

from __future__ import annotations

import logging
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from adapters.local.cli.data_folder import data_option
from shared.errors import Misconfigured
from shared.settings import Settings, read_settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from adapters.local.http import Rest
    from adapters.local.worker import Worker

HOST = "127.0.0.1"
KEY_FILE = "demo.key"
DEMO_PER_HOUR = 60_000
BACKLOG = 512
OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "ws": "websockets-sansio",
    "ws_max_size": 32 * 1024,
    "timeout_keep_alive": 30,
    "timeout_graceful_shutdown": 30,
}


@click.command(help="Serve the REST API, the WebSocket and a page on 127.0.0.1, and work on what comes in.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one.")
@data_option("Data folder; it keeps everything.")
@click.option("--demo", is_flag=True, help="Make an API key in demo.key and let the page use it.")
def command(port: int, data: Path, demo: bool) -> None:
    try:
        serve(port, data, read_settings(), demo=demo)
    except Misconfigured as error:
        raise click.ClickException(str(error)) from error


def serve(port: int, data: Path, settings: Settings, *, demo: bool) -> None:
    """Serve until a signal; raises Misconfigured where the port or the data folder cannot be had."""
    import uvicorn

    from adapters.local.worker import Worker

    for each in (signal.SIGTERM, signal.SIGINT):  # until the server has its own, and once it has stopped by one
        signal.signal(each, leave)
    logging.getLogger("aws_lambda_powertools").setLevel(logging.CRITICAL)
    listening, worker = bind(port), Worker(data, settings)
    try:
        rest, app = open_house(worker, data / KEY_FILE if demo else None)
    except BaseException:
        worker.stop()
        raise
    key = f" (API key in {data / KEY_FILE})" if demo else ""
    click.echo(f"SupportMax Pro serves {data} on http://{HOST}:{listening.getsockname()[1]}{key}")
    server = uvicorn.Server(uvicorn.Config(app, **OPTIONS))
    rest.is_stopping = lambda: server.should_exit
    server.run(sockets=[listening])


def open_house(worker: Worker, key_file: Path | None) -> tuple[Rest, Starlette]:
    """The API and the page over a worker; with a file for it, a demo key."""
    from adapters.local.access import provide_key
    from adapters.local.http import Rest, build_app
    from adapters.local.seeding import seed_articles
    from adapters.local.web.page import page_routes

    platform, tenant = worker.platform, worker.settings.tenant
    seed_articles(platform, tenant)
    # The tenant's key is made before two requests can each make one.
    platform.app.vault.seal(tenant, "platform", "")
    rest = Rest(worker)
    key = provide_key(platform.provider, key_file, tenant, rest.permissions, DEMO_PER_HOUR) if key_file else ""
    return rest, build_app(rest, page_routes(rest, key))


def leave(_: int, __: object) -> NoReturn:
    """A signal ends it in order."""
    raise SystemExit(0)


def bind(port: int) -> socket.socket:
    """The socket to serve on; raises Misconfigured where another program has the port."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a small answer waits for the next request
    try:
        listening.bind((HOST, port))
        listening.listen(BACKLOG)  # whoever connects from now on waits until it serves
    except OSError as error:
        listening.close()
        raise Misconfigured(
            f"port {port} cannot be used ({error.strerror}): stop what uses it or give --port"
        ) from error
    return listening
