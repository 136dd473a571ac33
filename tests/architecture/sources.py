"""The sources of the product as the tests of its shape read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("functions", "shared", "adapters", "stacks")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its name from the root, its text and its tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def within(self, *folders: str) -> bool:
        """Whether the file lies in one of the folders, or is one of the files."""
        return any(self.name == folder or self.name.startswith(f"{folder}/") for folder in folders)

    def at(self, node: ast.stmt | ast.expr | ast.excepthandler) -> str:
        """Where a node stands, as editors open it."""
        return f"{self.name}:{node.lineno}"


@cache
def sources(*rooms: str) -> tuple[Source, ...]:
    """Every Python file of some rooms, or of the whole product; a room that is still empty has none."""
    paths = [path for room in rooms or ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return tuple(_read(path) for path in [*paths, *([ROOT / "app.py"] if not rooms else [])] if path.is_file())


def functions_of(source: Source) -> Iterator[Function]:
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """Lines of a function from `def` to its end, without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    described = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - described


def imported(source: Source) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that a file imports, at its top or inside a function."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node


def _read(path: Path) -> Source:
    text = path.read_text("utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text, str(path)))
