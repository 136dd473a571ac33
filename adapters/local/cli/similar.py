"""`supportmax similar`: say how alike two texts are."""

from __future__ import annotations

import click

from adapters.local.cli.filters import Record, filter_command, need_text
from shared.knowledge.similarity import similar


@click.command(name="similar")
def command() -> None:
    """Answer {id, a, b} lines with {id, similarity}, 0 to 1."""
    filter_command(answer)


def answer(record: Record) -> Record:
    """One pair's answer."""
    return {"similarity": similar(need_text(record, "a"), need_text(record, "b"))}
