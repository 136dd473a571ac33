"""What a function's code needs: a walk along its imports, lazy ones too, without running any of it."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from shared.errors import Misconfigured

ROOTS = ("functions", "shared", "adapters")
# What a module of the standard library imports where the system does not have it.
IMPLIED = {"zoneinfo": "tzdata"}


@dataclass(frozen=True, slots=True)
class Choice:
    """How modules that hand things out by name are read: what stands under one of `names` counts only where `taken`.

    It stands under a name in a function that is called so, or as a value of that key in a table.
    """

    modules: frozenset[str]
    names: frozenset[str]
    taken: frozenset[str]

    def leaves_out(self, module: str, under: frozenset[str]) -> bool:
        return module in self.modules and not (under & self.names) <= self.taken


def read_choice(source: Path, modules: frozenset[str], taken: Iterable[str], answers: Iterable[str]) -> Choice:
    """What these modules hand out: by their cached properties, and by the functions that are called like `answers`.

    A property that opens another takes it too.
    """
    opens = {name: inner for module in modules for name, inner in _properties(source, module)}
    found, waiting = set[str](), list(taken)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(opens.get(name, ()))
    return Choice(modules, frozenset(opens) | frozenset(answers), frozenset(found))


def _properties(source: Path, module: str) -> Iterator[tuple[str, frozenset[str]]]:
    """(name, the attributes of `self` that it reads) of each cached property of a module."""
    path = find_module(source, module)
    for node in ast.walk(ast.parse(path.read_bytes() if path else b"")):
        match node:
            case ast.FunctionDef(name=name, decorator_list=[ast.Name(id="cached_property")]):
                yield name, frozenset(_own_attributes(node))


def _own_attributes(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield name


@dataclass(frozen=True, slots=True)
class Closure:
    """Every module of ours that can be imported, each with the one that was found to import it first; `foreign` alike
    for dotted names from outside."""

    ours: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    def chain(self, name: str) -> tuple[str, ...]:
        """How `name` came in, from a start to it."""
        found = [name]
        importer = self.foreign.get(name) or self.ours.get(name, "")
        while importer:
            found.append(importer)
            importer = self.ours[importer]
        return tuple(reversed(found))


def find_closure(source: Path, starts: Iterable[str], choice: Choice) -> Closure:
    """Walk from the modules `starts` below `source`; raises Misconfigured for a module of ours that does not exist."""
    closure = Closure()
    waiting: deque[tuple[str, str]] = deque((name, "") for name in starts)
    while waiting:
        name, importer = waiting.popleft()
        for module in (*_packages_of(name), name):
            if module not in closure.ours:
                closure.ours[module] = importer
                waiting.extend(_enter(source, module, closure, choice))
    return closure


def _enter(source: Path, module: str, closure: Closure, choice: Choice) -> Iterator[tuple[str, str]]:
    """The modules of ours that a module imports, each with the module; the foreign ones are noted."""
    path = find_module(source, module)
    if path is None:
        raise Misconfigured(f"{closure.ours[module] or 'a table'} imports {module}, which does not exist")
    for wanted, under in read_imports(source, path):
        if choice.leaves_out(module, under):
            continue
        if wanted.split(".")[0] in ROOTS:
            yield wanted, module
        else:
            closure.foreign.setdefault(wanted, module)


def find_module(source: Path, name: str) -> Path | None:
    """The file of a module of ours, or None."""
    if name.split(".")[0] not in ROOTS:
        return None
    stem = source.joinpath(*name.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


@cache
def read_imports(source: Path, path: Path) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each (dotted name, the names that it stands under) of one file, without the standard library's."""
    found = _visit(source, ast.parse(path.read_bytes(), str(path)), frozenset())
    meant = ((IMPLIED.get(name, name), under) for name, under in found)
    return tuple(dict.fromkeys(each for each in meant if each[0].split(".")[0] not in sys.stdlib_module_names))


Found = Iterator[tuple[str, frozenset[str]]]


def _visit(source: Path, node: ast.AST, under: frozenset[str]) -> Found:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Constant():
            yield from ((name, under) for name in _named(source, node))
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=otherwise):
            yield from _visit_all(source, otherwise, under)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield from _visit_all(source, ast.iter_child_nodes(node), under | {name})
        case ast.Dict(keys, values):
            for key, value in zip(keys, values, strict=True):
                yield from _visit(source, value, under | _key(key))
        case _:
            yield from _visit_all(source, ast.iter_child_nodes(node), under)


def _named(source: Path, node: ast.Import | ast.ImportFrom | ast.Constant) -> Iterator[str]:
    """The modules that an import or a dotted name means."""
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from _imported_from(source, module, names)
        case ast.Constant(value=str(text)) if "." in text and find_module(source, text):
            yield text


def _visit_all(source: Path, nodes: Iterable[ast.AST], under: frozenset[str]) -> Found:
    for node in nodes:
        yield from _visit(source, node, under)


def _key(key: ast.expr | None) -> frozenset[str]:
    return frozenset({key.value}) if isinstance(key, ast.Constant) and isinstance(key.value, str) else frozenset()


def _imported_from(source: Path, module: str, names: list[ast.alias]) -> Iterator[str]:
    """The submodules that are meant, or the module itself."""
    for alias in names:
        whole = f"{module}.{alias.name}"
        yield whole if find_module(source, whole) else module


def _packages_of(name: str) -> tuple[str, ...]:
    parts = name.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)))
