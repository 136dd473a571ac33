"""`supportmax playbooks check DIR`: whether playbooks can be run, before a customer meets them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from shared.agents.catalog import AGENTS
from shared.agents.check import ADVICE, Problem, check_playbook
from shared.company.playbook import Playbook, read_playbook
from shared.errors import Misconfigured
from shared.tools.catalog import TOOLS

UNREADABLE = "write TOML in the shape that docs/adding_a_playbook.md shows"


@dataclass(frozen=True, slots=True)
class Checked:
    """One file, what it holds if it could be read, and what is wrong with it."""

    file: str
    playbook: Playbook | None
    problems: tuple[Problem, ...]


@click.group("playbooks")
def command() -> None:
    """Work with playbooks: a company's SOPs as data."""


@command.command("check")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path) -> None:
    """Check every *.toml of a folder against the tools and agents; exit status 1 where something is wrong."""
    checked = [check_file(path) for path in sorted(folder.glob("*.toml"))]
    if not checked:
        raise click.BadParameter("there is no *.toml in this folder", param_hint="DIR")
    print_tables(checked)
    sys.exit(1 if any(each.problems for each in checked) else 0)


def check_file(path: Path) -> Checked:
    """Read and check one file; what cannot be read is a problem like any other."""
    try:
        playbook = read_playbook(path.stem, path.read_text("utf-8"))
    except (Misconfigured, UnicodeDecodeError) as error:
        return Checked(path.name, None, (Problem("file", "unreadable", str(error)),))
    return Checked(path.name, playbook, check_playbook(playbook, TOOLS, AGENTS))


def print_tables(checked: list[Checked]) -> None:
    """Every playbook in a row, and below every problem with what to do."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    books = Table("playbook", "intent", "agent", "steps", "replies", "result", title="Playbooks")
    for each in checked:
        result = f"[red]{len(each.problems)} to mend[/]" if each.problems else "[green]fine[/]"
        books.add_row(each.file, *describe(each.playbook), result)
    console.print(books)
    for each in checked:
        for problem in each.problems:
            advice = ADVICE.get(problem.kind, UNREADABLE)
            line = f"{each.file}: {problem.where}: {problem.kind}: {problem.message}; {advice}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def describe(playbook: Playbook | None) -> tuple[str, str, str, str]:
    """What the table shows of a playbook that could be read."""
    if playbook is None:
        return "", "", "", ""
    return playbook.intent, playbook.agent, str(len(playbook.steps)), str(len(playbook.replies))
