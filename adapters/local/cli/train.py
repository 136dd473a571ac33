"""`supportmax train`: train the intent model from labelled utterances."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from shared.understanding.intents import IntentModel


@click.command("train")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the model is written; without FILE the shipped model's place, else model.npz.",
)
def command(file: Path | None, out: Path | None) -> None:
    """Train from FILE, JSON lines of {text, label}; without it from the project's own utterances."""
    from shared.understanding.intents import save_model
    from shared.understanding.taxonomy import INTENTS_FOLDER
    from shared.understanding.training import train_shipped

    model = train_from_lines(file) if file else train_shipped(progress=report)
    target = out or (Path("model.npz") if file else INTENTS_FOLDER / "model.npz")
    size = target.write_bytes(save_model(model))
    click.echo(json.dumps({"labels": len(model.labels), "bytes": size, "out": str(target)}))


def train_from_lines(path: Path) -> IntentModel:
    """A model of a company's own labels; a file that cannot be used ends the command with a refusal."""
    from shared.understanding.training import train_own

    try:
        with path.open(encoding="utf-8") as lines:
            return train_own(read_examples(lines), progress=report)
    except Refused as refusal:
        raise click.ClickException(json.dumps(refusal.body())) from refusal


def read_examples(lines: Iterable[str]) -> list[tuple[str, str]]:
    """(text, label) pairs; raises InvalidInput naming the line."""
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise _bad_line(number) from error
        if not isinstance(row, dict) or not all(
            isinstance(row.get(key), str) and row[key] for key in ("text", "label")
        ):
            raise _bad_line(number)
        pairs.append((row["text"], row["label"]))
    return pairs


def _bad_line(number: int) -> InvalidInput:
    return InvalidInput(
        f"line {number} is no example", field=f"line {number}", limit="{text, label}, both non-empty strings",
        action="mend or remove the line",
    )  # fmt: skip


def report(step: str) -> None:
    """Show progress to a person, never to a program."""
    if sys.stderr.isatty():
        click.echo(step, err=True)
