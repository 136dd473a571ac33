"""The table of intents: category, agent and usual priority of each, and the utterances that teach them. Data only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shared.errors import Misconfigured

INTENTS_FOLDER = Path(__file__).parent.parent / "company" / "intents"
PRIORITIES = ("P1", "P2", "P3", "P4")


@dataclass(frozen=True, slots=True)
class Intent:
    """One row of the table; the complaint of a frustrated customer may go to another agent."""

    category: str
    agent: str
    agent_when_frustrated: str
    priority: str

    def agent_for(self, *, frustrated: bool) -> str:
        return self.agent_when_frustrated if frustrated else self.agent


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Every intent by name, and the name under which utterances outside all of them are filed."""

    intents: Mapping[str, Intent]
    categories: tuple[str, ...]
    background: str

    def category_of(self) -> dict[str, str]:
        """Intent to category."""
        return {name: intent.category for name, intent in self.intents.items()}


def read_taxonomy(text: str) -> Taxonomy:
    """Read the table; raises Misconfigured naming the intent that cannot be used."""
    table = tomllib.loads(text)
    agents: dict[str, str] = table["categories"]
    intents = {}
    for name, row in table["intents"].items():
        if row["category"] not in agents or row["priority"] not in PRIORITIES:
            raise Misconfigured(f"intent {name}: its category or priority is not one of the table's")
        agent = row.get("agent", agents[row["category"]])
        intents[name] = Intent(row["category"], agent, row.get("agent_when_frustrated", agent), row["priority"])
    return Taxonomy(MappingProxyType(intents), tuple(agents), table["background"])


@cache
def load_taxonomy(folder: Path = INTENTS_FOLDER) -> Taxonomy:
    """The table of a company's folder."""
    return read_taxonomy((folder / "taxonomy.toml").read_text("utf-8"))


def read_utterances(folder: Path, taxonomy: Taxonomy) -> tuple[list[tuple[str, str]], list[str]]:
    """(text, intent) pairs and background texts, from every file of tables with `examples`, in file and table order.

    Raises Misconfigured where utterances belong to an intent that the table does not have.
    """
    pairs, background = [], []
    for path in sorted(folder.glob("*.toml")):
        for label, table in tomllib.loads(path.read_text("utf-8")).items():
            examples = table.get("examples") if isinstance(table, dict) else None
            if not isinstance(examples, list):
                continue
            if label == taxonomy.background:
                background += examples
            elif label in taxonomy.intents:
                pairs += [(text, label) for text in examples]
            else:
                raise Misconfigured(f"{path.name}: {label} has utterances but no row in taxonomy.toml")
    return pairs, background
