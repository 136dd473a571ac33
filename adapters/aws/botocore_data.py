"""The part of botocore's data that a few services need, without the prose that nobody reads at run time."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.packaging.closure import find_module
from shared.errors import Misconfigured

DATA = "botocore/data"
# Read for every service, whatever it is.
SHARED = ("partitions.json", "sdk-default-configuration.json", "_retry.json")
ENDPOINTS = "endpoints.json"  # 1.2 MB that every start would parse
MODEL, BESIDE = "service-2.json", ("service-2.sdk-extras.json", "endpoint-rule-set-1.json")


@dataclass(frozen=True, slots=True)
class Needs:
    """What adapters use of AWS: the services, and every method name that they call, an operation's among them."""

    services: frozenset[str]
    methods: frozenset[str]


def find_needs(source: Path, modules: Iterable[str]) -> Needs:
    """What our adapters ask `clients.of(…)` for; raises Misconfigured where a service is not named in place."""
    services, methods = set[str](), set[str]()
    for path in (find_module(source, name) for name in modules if name.startswith("adapters.aws.")):
        if path is not None:
            tree = ast.parse(path.read_bytes())
            services.update(_asked_for(path, tree))
            methods.update(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return Needs(frozenset(services), frozenset(methods))


def _asked_for(path: Path, tree: ast.Module) -> Iterator[str]:
    constants = {name: value for node in tree.body for name, value in _constant(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="of"), args=[ast.Constant(value=str(service)), *_]):
                yield service
            case ast.Call(func=ast.Attribute(attr="of"), args=[ast.Name(id=name), *_]) if name in constants:
                yield constants[name]
            case ast.Call(func=ast.Attribute(attr="of"), lineno=line):
                raise Misconfigured(f"{path.name}:{line}: name the service in place, or by a constant of the module")


def _constant(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """What an assignment at the top of a module calls a text."""
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(value=str(text))):
            yield from ((target.id, text) for target in targets if isinstance(target, ast.Name))


def trim(folder: Path, needs: Needs) -> Iterator[tuple[str, bytes]]:
    """(name in the package, content) for botocore installed in `folder`; unpacked, which is quicker to read."""
    data, prefixes = folder / DATA, set[str]()
    for service in sorted(needs.services):
        version = max(path for path in (data / service).iterdir() if _exists(path / MODEL))
        model = _read(version / MODEL)
        prefixes.add(model["metadata"]["endpointPrefix"])
        yield f"{DATA}/{service}/{version.name}/{MODEL}", _write(keep_operations(_strip(model), needs.methods))
        for beside in BESIDE:
            if _exists(version / beside):
                yield f"{DATA}/{service}/{version.name}/{beside}", _write(_read(version / beside))
    for shared in SHARED:
        yield f"{DATA}/{shared}", _write(_read(data / shared))
    yield f"{DATA}/{ENDPOINTS}", _write(_narrow(_read(data / ENDPOINTS), prefixes))


def keep_operations(model: dict[str, Any], methods: frozenset[str]) -> dict[str, Any]:
    """A service model with the operations that are called by one of these names, and the shapes that they need."""
    from botocore import xform_name

    operations = {name: each for name, each in model["operations"].items() if xform_name(name) in methods}
    shapes: dict[str, Any] = {}
    waiting = list(_shapes_in(operations))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting.extend(_shapes_in(shapes[name]))
    return {**model, "operations": operations, "shapes": shapes}


def _shapes_in(part: Any) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        for each in part.values():
            yield from _shapes_in(each)
    elif isinstance(part, list):
        for each in part:
            yield from _shapes_in(each)


def _narrow(endpoints: dict[str, Any], prefixes: set[str]) -> dict[str, Any]:
    """Every partition and region, but only these services."""
    partitions = [
        {**each, "services": {name: value for name, value in each["services"].items() if name in prefixes}}
        for each in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _strip(value: Any) -> Any:
    """With empty descriptions, for botocore asks for some; a member called `documentation` is no text, and stays."""
    if isinstance(value, list):
        return [_strip(each) for each in value]
    if isinstance(value, dict):
        return {
            key: "" if key == "documentation" and isinstance(each, str) else _strip(each) for key, each in value.items()
        }
    return value


def _exists(path: Path) -> bool:
    return path.is_file() or _packed(path).is_file()


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes() if path.is_file() else gzip.decompress(_packed(path).read_bytes()))


def _packed(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")


def _write(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
