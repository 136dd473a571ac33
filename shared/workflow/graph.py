"""A workflow as a graph: its states with their places, and which leads where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A state where it stands; `path` is `A/0/B` for state B in A's first branch, `nesting` 1 for that B."""

    path: str
    name: str
    state: Definition
    scope: Definition
    nesting: int

    def scopes(self) -> Iterator[tuple[str, Definition]]:
        """The branches or the item processor of a group, each with its path."""
        for index, branch in enumerate(self.state.get("Branches", ())):
            yield f"{self.path}/{index}", branch
        if "ItemProcessor" in self.state:
            yield f"{self.path}/item", self.state["ItemProcessor"]


def walk(scope: Definition, path: str = "", nesting: int = 0) -> Iterator[Node]:
    """Every state of a definition, a group before what is inside it."""
    for name, state in scope.get("States", {}).items():
        node = Node(f"{path}/{name}".lstrip("/"), name, state, scope, nesting)
        yield node
        for inner, branch in node.scopes():
            yield from walk(branch, inner, nesting + 1)


def nexts(state: Definition) -> list[str]:
    """The states that a state can lead to: on, by choice, by default, by catching; each once."""
    ways = [state.get("Next"), state.get("Default")]
    ways += [rule.get("Next") for rule in (*state.get("Choices", ()), *state.get("Catch", ()))]
    return list(dict.fromkeys(way for way in ways if way))


def reachable(scope: Definition) -> frozenset[str]:
    """The states that a scope's StartAt leads to."""
    met: set[str] = set()
    waiting = [scope["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in met and name in scope["States"]:
            met.add(name)
            waiting += nexts(scope["States"][name])
    return frozenset(met)
