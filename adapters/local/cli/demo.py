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
from shared.settings import read_settings


@click.command(help="Play the sample stories through the whole platform in a temporary data folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a turn, with the story and its expected end.")
def command(as_json: bool) -> None:
    failed = 0
    table = None if as_json else _begin_table()
    with tempfile.TemporaryDirectory(prefix="supportmax-demo-") as temporary:
        for story in load_stories():
            turns, problems = _play(story, Path(temporary) / str(story.number))
            failed += bool(problems)
            if table is None:
                _print_lines(story, turns, problems)
            else:
                _add_row(table, story, turns, problems)
    if table is not None:
        _print_table(table, failed)
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

    table = Table(title="SupportMax Pro: the real handlers on this machine", show_lines=True)
    for name, options in COLUMNS.items():
        table.add_column(name, **options)
    return table


COLUMNS: dict[str, dict[str, Any]] = {
    "#": {"justify": "right"},
    "story": {"max_width": 26},
    "what became of it": {"max_width": 22},
    "what was done": {"max_width": 30},
    "the last reply begins": {"max_width": 56},
    "": {},
}


def _add_row(table: Any, story: Story, turns: list[dict[str, Any]], problems: list[str]) -> None:
    last = next((turn["reply"] for turn in reversed(turns) if turn["reply"]), "")
    done = [f"{action['tool']}: {action['status']}" for turn in turns for action in turn["actions"]]
    table.add_row(
        str(story.number),
        story.title,
        " → ".join(turn["outcome"] for turn in turns) or "ignored",
        "\n".join(dict.fromkeys(done)) or "–",
        _begin_of(last),
        "ok" if not problems else "\n".join(problems),
    )


def _begin_of(reply: str) -> str:
    words = " ".join(line for line in reply.splitlines() if line and not line.startswith("Hello"))
    return words[:200] + ("…" if len(words) > 200 else "")


def _print_table(table: Any, failed: int) -> None:
    from rich.console import Console

    console = Console()
    console.print(table)
    console.print(f"{table.row_count - failed} of {table.row_count} stories ended as expected.")
