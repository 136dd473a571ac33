"""The documents as their tests read them, and the parts of them that commands and tables write.

A part stands between `<!-- generated: NAME -->` and `<!-- /generated -->`. `python -m tests.architecture.documents`
writes every part anew; test_documents fails while a part is not what it would write.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from adapters.aws.cost import report
from adapters.local.cli.main import COMMANDS
from adapters.local.cli.workflow import render
from shared.effects.effect import TRANSITIONS
from shared.manifest import HANDLERS, PORTS, SUBSCRIPTIONS
from tests.architecture.sources import ROOT

PART = re.compile(r"(<!-- generated: (?P<name>[a-z ]+) -->\n)(?P<text>.*?)(\n?<!-- /generated -->)", re.DOTALL)
# What the design calls for beside the commands that exist.
PLANNED = (
    "articles", "invoke", "effects", "verify-audit", "verify-isolation", "package", "deploy", "doctor", "simulate",
    "evaluate", "cost",
)  # fmt: skip
Turn = dict[str, Any]
NUMBERED = re.compile(r"\b[A-Z]\d{1,2}\b")


def documents() -> list[Path]:
    """Every Markdown document of the project; articles are the company's words, not ours."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def parts_of(text: str) -> Iterator[tuple[str, str]]:
    """(name, text) of each generated part."""
    for part in PART.finditer(text):
        yield part["name"], part["text"]


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def show_turn() -> str:
    return fenced("mermaid", render("turn", "mermaid"))


def show_escalation() -> str:
    return fenced("mermaid", render("escalation", "mermaid"))


@cache
def show_stories() -> str:
    """What `supportmax demo --json` prints, a row a story."""
    played = CliRunner().invoke(import_module(COMMANDS["demo"][0]).command, ["--json"])
    if played.exit_code:
        raise RuntimeError("a story ended otherwise than expected: see `supportmax demo`") from played.exception
    stories: dict[int, list[Turn]] = {}
    for line in played.output.splitlines():
        turn = json.loads(line)
        stories.setdefault(turn["story"], []).append(turn)
    return table(("#", "story", "what became of it", "what was done"), [tell(turns) for turns in stories.values()])


def tell(turns: list[Turn]) -> tuple[str, ...]:
    """One story's row."""
    done = [f"{action['tool']}: {action['status']}" for turn in turns for action in turn["actions"]]
    outcomes = " → ".join(turn["outcome"] for turn in turns)
    return str(turns[0]["story"]), turns[0]["title"], outcomes, "<br>".join(dict.fromkeys(done)) or "–"


def show_commands() -> str:
    rows: list[tuple[str, ...]] = [(f"`supportmax {name}`", line) for name, (_, line) in COMMANDS.items()]
    return table(("command", "what it does"), rows)


def show_missing() -> str:
    """The commands of the design that nobody can call yet."""
    missing = [f"`{name}`" for name in PLANNED if name not in COMMANDS]
    return f"Commands that do not exist yet: {', '.join(missing)}." if missing else "Every command exists."


def show_handlers() -> str:
    rows: list[tuple[str, ...]] = []
    for handler in HANDLERS:
        summary = (inspect.getdoc(import_module(handler.module)) or "").splitlines()[0]
        rows.append((f"`{handler.name}`", handler.trigger, summary))
    return table(("handler", "called by", "what it does"), rows)


def show_ports() -> str:
    rows: list[tuple[str, ...]] = []
    for port in sorted(PORTS):
        module = import_module(f"shared.ports.{port}")
        text = inspect.getdoc(module) or ""
        found = NUMBERED.findall(text)
        promises = [each for each in dict.fromkeys(found) if each[0] == found[0][0]]  # not those of other ports
        first = text.replace("\n", " ").split(". ")[0].rstrip(".")
        rows.append((f"`{port}`", first, f"{promises[0]}–{promises[-1]}" if len(promises) > 1 else promises[0]))
    return table(("port", "what it is", "promises"), rows)


def show_ledger() -> str:
    rows: list[tuple[str, ...]] = []
    for (before, after), rule in sorted(TRANSITIONS.items(), key=lambda each: each[1].number):
        marks = ("yes" if rule.frees_once else "", "+1" if rule.raises_fence else "")
        rows.append((str(rule.number), f"{before or '∅'} → {after}", rule.caps, *marks))
    return table(("row", "from → to", "caps", "frees `once`", "fence"), rows)


def show_subscriptions() -> str:
    rows: list[tuple[str, ...]] = [
        (f"`{name}`", ", ".join(f"`{each}`" for each in told)) for name, told in SUBSCRIPTIONS.items()
    ]
    return table(("event", "who is told"), rows)


def show_costs() -> str:
    """The first and the last figures of `supportmax cost`: dollars for 1,000 tickets, and idle months."""
    told = report()
    rows: list[tuple[str, ...]] = [show_dollars(service, each) for service, each in told["by_service"].items()]
    rows.append(show_dollars("**in all, warm**", told["per_1000"]))
    rows.append(show_dollars("**in all, every start cold**", told["per_1000_cold"]))
    idle = ", ".join(f"{stage} ${dollars:.2f}" for stage, dollars in told["idle_month"].items())
    header = ("$ for 1,000 tickets by chat", "resolved by itself", "ended by an operator", "one in ten escalated")
    head = f"List prices of {told['region']} collected on {told['prices_dated']}, without any free tier."
    return f"{head}\n\n{table(header, rows)}\n\nA month in which nobody writes, one region, one tenant: {idle}."


def show_dollars(name: str, row: dict[str, float]) -> tuple[str, ...]:
    return (name, *(f"{row[kind]:.4f}" for kind in ("auto_resolved", "escalated", "blended")))


PARTS: dict[str, Callable[[], str]] = {
    "turn": show_turn,
    "escalation": show_escalation,
    "stories": show_stories,
    "commands": show_commands,
    "missing": show_missing,
    "handlers": show_handlers,
    "ports": show_ports,
    "ledger": show_ledger,
    "subscriptions": show_subscriptions,
    "costs": show_costs,
}


def write_all() -> None:
    """Write every generated part of every document anew."""
    for path in documents():
        text = path.read_text("utf-8")
        written = PART.sub(lambda part: f"{part[1]}{PARTS[part['name']]()}\n<!-- /generated -->", text)
        if written != text:
            path.write_text(written, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write_all()
