"""`supportmax workflow`: a workflow as States Language or as a picture."""

from __future__ import annotations

import click

from shared.errors import Unsupported
from shared.workflow.definitions import MACHINES, load_definition, source
from shared.workflow.picture import draw

FORMATS = ("asl", "mermaid", "gcp")


def render(machine: str, form: str) -> str:
    """A workflow in the form asked for; raises Unsupported."""
    if form == "asl":
        return source(machine)
    if form == "mermaid":
        return draw(load_definition(machine))
    raise Unsupported(f"workflow --format {form}")


@click.command("workflow", help="Print a workflow as States Language or as a picture.")
@click.argument("machine", type=click.Choice(MACHINES), default="turn")
@click.option("--format", "form", type=click.Choice(FORMATS), default="asl", show_default=True, help="How to print it.")
def command(machine: str, form: str) -> None:
    try:
        text = render(machine, form)
    except Unsupported as refusal:
        raise click.UsageError(f"{refusal}: Google Workflows is not compiled yet; take asl or mermaid") from refusal
    click.echo(text.rstrip("\n"))
