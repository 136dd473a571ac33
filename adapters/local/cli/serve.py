"""`supportmax serve`: REST, WebSocket, a page and the workers on this machine, over one data folder."""

from __future__ import annotations

import logging
import signal
import socket
from pathlib import Path
from typing import NoReturn

import click

from shared.errors import Misconfigured
from shared.settings import Settings, read_settings

HOST = "127.0.0.1"
KEY_FILE = "demo.key"
DEMO_PER_HOUR = 60_000
FRAME_BYTES = 32 * 1024
GRACE_SECONDS = 30
BACKLOG = 512


@click.command(help="Serve the REST API, the WebSocket and a page on 127.0.0.1, and work on what comes in.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("supportmax-data"),
    show_default=True,
    help="Data folder; it keeps everything.",
)
@click.option("--demo", is_flag=True, help="Make an API key in demo.key and let the page use it.")
def command(port: int, data: Path, demo: bool) -> None:
    try:
        serve(port, data, read_settings(), demo=demo)
    except Misconfigured as error:
        raise click.ClickException(str(error)) from error


def serve(port: int, data: Path, settings: Settings, *, demo: bool) -> None:
    """Serve until a signal; raises Misconfigured where the port or the data folder cannot be had."""
    import uvicorn

    from adapters.local.access import Access, provide_key
    from adapters.local.http import Rest, build_app
    from adapters.local.seeding import seed_articles
    from adapters.local.web.page import page_routes
    from adapters.local.worker import Worker

    for each in (signal.SIGTERM, signal.SIGINT):  # until the server has its own, and once it has stopped by one
        signal.signal(each, leave)
    listening = bind(port)
    worker = Worker(data, settings)
    try:
        seed_articles(worker.platform, settings.tenant)
        # The tenant's key is made before two requests can each make one.
        worker.platform.app.vault.seal(settings.tenant, "platform", "")
        provider = worker.platform.provider
        rest = Rest(worker, Access(provider, settings.tenant))
        allowed = rest.permissions
        key = provide_key(provider, data / KEY_FILE, settings.tenant, allowed, DEMO_PER_HOUR) if demo else ""
        app = build_app(rest, page_routes(rest, key))
    except BaseException:
        worker.stop()
        raise
    logging.getLogger("aws_lambda_powertools").setLevel(logging.CRITICAL)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    click.echo(f"SupportMax Pro serves {data} on {address}{f' (API key in {data / KEY_FILE})' if demo else ''}")
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    rest.is_stopping = lambda: server.should_exit
    server.run(sockets=[listening])


def leave(_: int, __: object) -> NoReturn:
    """A signal ends it in order."""
    raise SystemExit(0)


def bind(port: int) -> socket.socket:
    """The socket to serve on; raises Misconfigured where another program has the port."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(BACKLOG)  # whoever connects from now on waits until it serves
    except OSError as error:
        listening.close()
        raise Misconfigured(
            f"port {port} cannot be used ({error.strerror}): stop what uses it or give --port"
        ) from error
    return listening
