"""The generated parts of docs/reliability.md about the simulator; `python -m tests.simulation.documents` writes them.

`caught.json` keeps what a hunt of every known bug came to: `python -m tests.simulation.documents --hunt` plays it anew.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.simulated.campaign import hunt_all
from adapters.simulated.coverage import list_faults, list_invariants
from adapters.simulated.goals import GOALS, OUT_OF_REACH
from adapters.simulated.mutants import MUTANTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
CAUGHT = Path(__file__).parent / "caught.json"
MOST_SEEDS = 500
PART = re.compile(r"(<!-- simulated: (?P<name>[a-z]+) -->\n)(?P<text>.*?)(\n?<!-- /simulated -->)", re.DOTALL)


def read_caught() -> dict[str, tuple[int, str]]:
    """Known bug → how many seeds it took to catch it, and the invariant that it broke first."""
    return {name: (seeds, broke) for name, (seeds, broke) in json.loads(CAUGHT.read_text("utf-8")).items()}


def show_bugs() -> str:
    caught = read_caught()
    rows = [(f"`{each.name}`", each.says, caught[each.name][1], str(caught[each.name][0])) for each in MUTANTS]
    return _table(("known bug", "what is wrong", "breaks first", "seeds it took"), rows)


def show_faults() -> str:
    return _table(("fault", "how it is injected"), [(f"F{number}", says) for number, says in list_faults().items()])


def show_invariants() -> str:
    return _table(("invariant", "what is held"), list(list_invariants().items()))


def show_goals() -> str:
    reached = [(goal, "must be met") for goal in GOALS]
    return _table(("sometimes", ""), [*reached, *((goal, f"cannot be: {why}") for goal, why in OUT_OF_REACH.items())])


PARTS: dict[str, Callable[[], str]] = {
    "bugs": show_bugs,
    "faults": show_faults,
    "invariants": show_invariants,
    "goals": show_goals,
}


def write_all(text: str) -> str:
    """The document with every simulated part as it is now."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part['name']]()}\n<!-- /simulated -->", text)


def keep_hunt() -> None:
    found = {name: catch for name, catch in hunt_all(range(MOST_SEEDS)).items() if catch is not None}
    caught = {name: [seeds, violation.invariant] for name, (seeds, violation) in found.items()}
    lines = [f" {json.dumps(name)}: {json.dumps(each)}" for name, each in caught.items()]
    CAUGHT.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    if "--hunt" in sys.argv:
        keep_hunt()
    DOCUMENT.write_text(write_all(DOCUMENT.read_text("utf-8")), "utf-8")
