"""`supportmax run`: messages in, outcomes out, the whole platform between (design §9)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TextIO

import click

from adapters.local.cli.filters import run_filter
from adapters.local.running import Runner
from shared.errors import Misconfigured, Unavailable


@click.command(help="Run messages from FILE (or standard input) through the whole platform, one JSON line each.")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder; else a temporary one.")
def command(file: TextIO, data: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="supportmax-") as temporary:
        try:
            runner = Runner(data or Path(temporary))
        except (Misconfigured, Unavailable, OSError) as error:
            raise click.ClickException(str(error)) from error
        try:
            status = run_filter(runner.answer, file, sys.stdout)
        finally:
            runner.close()
    sys.exit(status)
