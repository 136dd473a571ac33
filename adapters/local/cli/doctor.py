"""`supportmax doctor`: whether this machine can run the platform, and what to do where it cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from adapters.local.cli.data_folder import data_option
from adapters.local.examination import Finding, examine


@click.command("doctor")
@data_option("The data folder to look at; a missing one is tried beside it and left missing.")
@click.option("--url", help="A running platform to look at too, such as http://127.0.0.1:8080.")
@click.option("--key-file", type=click.File(), help="With --url: a file with an API key to try there.")
def command(data: Path, url: str | None, key_file: TextIO | None) -> None:
    """Check Python, dependencies, disk, artefacts, handlers and playbooks; exit status 1 where something is wrong."""
    sound = True
    for finding in examine(data, url, key_file.read().strip() if key_file else ""):
        click.echo(describe(finding))
        sound = sound and finding.ok
    sys.exit(0 if sound else 1)


def describe(finding: Finding) -> str:
    """One line, and what to do below it where something is wrong."""
    line = f"{'ok' if finding.ok else 'FAIL':5}{finding.name:14}{finding.detail}"
    return line if finding.ok else f"{line}\n{'':19}{finding.action}"
