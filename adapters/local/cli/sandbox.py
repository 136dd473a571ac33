"""`supportmax sandbox`: the sandbox company behind a gateway, as a real company's systems would be reached."""

from __future__ import annotations

import base64
import os
import signal
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from adapters.local.cli.data_folder import data_option
from shared.errors import Misconfigured, NotFound

if TYPE_CHECKING:
    from adapters.local.secrets import LocalSecrets

KEY_FILE = "gateway.key"


@click.command(help="Serve the sandbox company's systems on 127.0.0.1, for SUPPORTMAX_BUSINESS_URL to point at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: any free one.")
@data_option("Data folder; it keeps the company's books and the secret that requests are signed with.")
def command(port: int, data: Path) -> None:
    try:
        serve(port, data)
    except Misconfigured as error:
        raise click.ClickException(str(error)) from error


def serve(port: int, data: Path) -> None:
    """Serve until a signal; raises Misconfigured where the port cannot be had."""
    from adapters.business.sandbox.sandbox import Sandbox
    from adapters.business.sandbox.server import GatewayServer
    from adapters.local.clock import SystemClock
    from adapters.local.ids import LocalIds
    from adapters.local.secrets import LocalSecrets

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, leave)
    secrets = LocalSecrets(data / "secrets", LocalIds())
    with closing(Sandbox(data)) as company, GatewayServer(company, secrets, SystemClock(), port=port) as server:
        provide_secret(secrets, data / KEY_FILE)
        click.echo(f"SUPPORTMAX_BUSINESS_URL={server.url} (the secret business-gateway is in {data / KEY_FILE})")
        server.serve_forever()


def provide_secret(secrets: LocalSecrets, file: Path) -> None:
    """The secret that requests are signed with, made where there is none, in a file that only its owner can read."""
    from adapters.business.sandbox.server import SECRET
    from shared.access.webhooks import PREFIX
    from shared.privacy.vault import random_key

    try:
        secret = secrets.get(SECRET)[0]
    except NotFound:
        secrets.put(SECRET, PREFIX + base64.b64encode(random_key()[:32]))
        secret = secrets.get(SECRET)[0]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(secret + b"\n")


def leave(_: int, __: object) -> NoReturn:
    """A signal ends it in order."""
    raise SystemExit(0)
