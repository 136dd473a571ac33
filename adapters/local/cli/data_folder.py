"""The `--data` option of the commands that work on a lasting data folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def data_option(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--data`, by default `supportmax-data` where one stands; `help` says what the command does with it."""
    folder = click.Path(path_type=Path, file_okay=False)
    return click.option("--data", type=folder, default=Path("supportmax-data"), show_default=True, help=help)
