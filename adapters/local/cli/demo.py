"""`supportmax demo`: the sample stories through the whole platform."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from adapters.local.stories import Story, load_stories, play
from adapters.local.verdicts import judge
from shared.domain.money import Money
from shared.settings import read_settings

EXAMPLE = 2  # the story whose reply is shown in full


@click.command(help="Play the sample stories through the whole platform in a temporary data folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a turn, with the story and its expected end.")
def command(as_json: bool) -> None:
    told = failed = 0
    example = ""
    table = None if as_json else _begin_table()
    with tempfile.TemporaryDirectory(prefix="supportmax-demo-") as temporary:
        for story in load_stories():
            turns, problems = _play(story, Path(temporary) / str(story.number))
            told, failed = told + 1, failed + bool(problems)
            if story.number == EXAMPLE and turns:
                example = turns[-1]["reply"]
            if table is None:
                _print_lines(story, turns, problems)
            else:
                _add_row(table, story, turns, problems)
    if table is not None:
        _print_table(table, told, failed, example)
    sys.exit(1 if failed else 0)


def _play(story: Story, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    stage = play(story, folder, read_settings())
    try:
        return judge(story, stage)
    finally:
        stage.platform.close()


def _print_lines(story: Story, turns: list[dict[str, Any]], problems: list[str]) -> None:
    expected = story.expect["turns"]
    rows = turns or [{"outcome": "ignored", "reply": "", "actions": [], "citations": [], "handoff": None}]
    for place, turn in enumerate(rows):
        wanted = expected[place] if place < len(expected) else "ignored"
        line = {"id": f"story-{story.number}-{place + 1}", "story": story.number, "title": story.title}
        click.echo(json.dumps(line | turn | {"expected": wanted, "problems": problems}))


def _begin_table() -> Any:
    from rich.table import Table

    table = Table(title="SupportMax Pro: the real handlers on this machine")
    for name, options in COLUMNS.items():
        table.add_column(name, **options)
    return table


COLUMNS: dict[str, dict[str, Any]] = {
    "#": {"justify": "right"},
    "story": {"max_width": 26},
    "what became of it": {"min_width": 16, "overflow": "fold"},
    "what was done": {"min_width": 20, "overflow": "fold"},
    "": {"no_wrap": True},
}


def _add_row(table: Any, story: Story, turns: list[dict[str, Any]], problems: list[str]) -> None:
    outcomes = [turn["outcome"].replace("_", " ") for turn in turns] or ["ignored"]
    done = dict.fromkeys(say_action(action) for turn in turns for action in turn["actions"])
    table.add_row(
        str(story.number), story.title, "\n".join(outcomes), "\n".join(done) or "–", "no" if problems else "ok"
    )
    for problem in problems:
        table.add_row("", problem, "", "", "")
    table.add_section()


def say_action(action: dict[str, Any]) -> str:
    """An action in words: `refund payment 249.00 EUR, committed`."""
    amount = f" {Money(action['amount_minor'], action['currency'])}" if "amount_minor" in action else ""
    return f"{action['tool']}{amount}, {action['status']}".replace("_", " ")


def _print_table(table: Any, told: int, failed: int, example: str) -> None:
    from rich.console import Console
    from rich.padding import Padding

    console = Console()
    console.print(table)
    console.print(f"\nThe last reply of story {EXAMPLE}, as the customer reads it:\n", highlight=False)
    for paragraph in example.splitlines():
        console.print(Padding(paragraph, (0, 4)), highlight=False)
    console.print(f"\n{told - failed} of {told} stories ended as expected.")
