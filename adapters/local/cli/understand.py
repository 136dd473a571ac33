"""`supportmax understand`: what each text wants, or which of a company's own labels it carries (design §9)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.local.cli.filters import Record, filter_command

if TYPE_CHECKING:
    from shared.understanding.entities import Entity
    from shared.understanding.intents import IntentModel


@click.command("understand")
@click.option(
    "--examples",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines of {text, label}: answer with these labels instead of the built-in intents.",
)
def command(examples: Path | None) -> None:
    """Read {id, text, subject?} lines; write intent, category, priority, mood, language and entities."""
    own_labels = None
    if examples is not None:
        from adapters.local.cli.train import train_from_lines

        own_labels = train_from_lines(examples)
    filter_command(lambda record: answer(record, own_labels))


def answer(record: Record, own_labels: IntentModel | None = None) -> Record:
    """One record understood; raises InvalidInput for a text that cannot be used."""
    from shared.understanding.understand import understand

    found = understand(record.get("text"), record.get("subject"), own_labels=own_labels)
    reply = asdict(found)
    reply["entities"] = [entity_record(entity) for entity in found.entities]
    return reply


def entity_record(entity: Entity) -> Record:
    """An entity as programs read it; only an amount carries minor units and a currency."""
    return {key: value for key, value in asdict(entity).items() if value is not None}
