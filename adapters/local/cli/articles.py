"""`supportmax articles import FILE`: a company's articles, published in one step."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from adapters.local.article_import import Imported, import_articles, read_source
from adapters.local.cli.data_folder import data_option
from adapters.local.platform import Platform
from shared.errors import Misconfigured, Refused
from shared.settings import read_settings


@click.group("articles")
def command() -> None:
    """Work with articles: what a company tells its customers."""


@command.command("import")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@data_option("Data folder; nobody else may be writing to it.")
@click.option("--tenant", default="", help="Whose articles they are; else the one of SUPPORTMAX_TENANT.")
def import_(source: Path, data: Path, tenant: str) -> None:
    """Publish FILE beside the tenant's articles: JSON lines {id, title, text, intents?, tags?}, or a folder of *.md.

    An article whose id is known replaces it. Nothing is published where one of them cannot be used.
    """
    try:
        click.echo(json.dumps(asdict(publish(source, data, tenant))))
    except Refused as refusal:
        raise click.ClickException(json.dumps(refusal.body(), ensure_ascii=False)) from refusal
    except Misconfigured as error:
        raise click.ClickException(str(error)) from error


def publish(source: Path, data: Path, tenant: str) -> Imported:
    """Read all of the source before the data folder is opened; raises InvalidInput or Misconfigured."""
    found, settings = read_source(source), read_settings()
    platform = Platform(data, settings)
    try:
        return import_articles(platform, tenant or settings.tenant, found)
    finally:
        platform.close()
