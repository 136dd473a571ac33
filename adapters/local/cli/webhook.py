"""`supportmax webhook`: a new signing secret for a source, the one before staying valid until the next."""

from __future__ import annotations

import base64
from pathlib import Path

import click

from adapters.local.ids import LocalIds
from adapters.local.secrets import LocalSecrets
from shared.access.webhooks import PREFIX, secret_name
from shared.errors import NotAuthenticated
from shared.privacy.vault import random_key
from shared.settings import read_settings


@click.command(help="Make a signing secret for webhooks of SOURCE and print it once (Standard Webhooks, whsec_…).")
@click.argument("source")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default="supportmax-data", show_default=True)
def command(source: str, data: Path) -> None:
    try:
        name = secret_name(read_settings().tenant, source)
    except NotAuthenticated as error:
        raise click.ClickException(f"SOURCE: {error.limit}") from error
    secret = PREFIX + base64.b64encode(random_key()[:32])
    LocalSecrets(data / "secrets", LocalIds()).put(name, secret)
    click.echo(secret.decode())
