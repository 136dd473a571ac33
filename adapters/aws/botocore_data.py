"""The part of botocore's data that a few services need, without the prose that nobody reads at run time."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from adapters.packaging.closure import find_module
from shared.errors import Misconfigured

DATA = "botocore/data"
# Read for every service, whatever it is.
SHARED = ("partitions.json", "sdk-default-configuration.json", "_retry.json")
ENDPOINTS = "endpoints.json"  # 1.2 MB that every start would parse
KEPT = ("service-2.json", "service-2.sdk-extras.json", "endpoint-rule-set-1.json", "paginators-1.json")


def find_services(source: Path, modules: Iterable[str]) -> frozenset[str]:
    """The services that our adapters ask `clients.of(…)` for; raises Misconfigured where one is not named in place."""
    paths = (find_module(source, name) for name in modules if name.startswith("adapters.aws."))
    return frozenset(service for path in paths if path for service in _asked_for(path))


def _asked_for(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_bytes())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="of"), args=[ast.Constant(value=str(service)), *_]):
                yield service
            case ast.Call(func=ast.Attribute(attr="of"), args=[ast.Name(id=name), *_]) if name in constants:
                yield str(constants[name])
            case ast.Call(func=ast.Attribute(attr="of"), lineno=line):
                raise Misconfigured(f"{path.name}:{line}: name the service in place, or by a constant of the module")


def trim(folder: Path, services: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(name in the package, content) for botocore installed in `folder`; unpacked, which is quicker to read."""
    data, wanted = folder / DATA, sorted(services)
    models: dict[str, Any] = {}
    for service in wanted:
        version = max(path for path in (data / service).iterdir() if _exists(path / KEPT[0]))
        for kept in KEPT:
            if _exists(version / kept):
                model = _read(version / kept)
                models.setdefault(service, model)
                yield f"{DATA}/{service}/{version.name}/{kept}", _write(_strip(model))
    for shared in SHARED:
        yield f"{DATA}/{shared}", _write(_read(data / shared))
    prefixes = {model["metadata"]["endpointPrefix"] for model in models.values()}
    yield f"{DATA}/{ENDPOINTS}", _write(_narrow(_read(data / ENDPOINTS), prefixes))


def _narrow(endpoints: dict[str, Any], prefixes: set[str]) -> dict[str, Any]:
    """Every partition and region, but only these services."""
    partitions = [
        {**each, "services": {name: value for name, value in each["services"].items() if name in prefixes}}
        for each in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _strip(value: Any) -> Any:
    """Without descriptions; a member that is itself called `documentation` is no text, and stays."""
    if isinstance(value, list):
        return [_strip(each) for each in value]
    if isinstance(value, dict):
        return {
            key: _strip(each) for key, each in value.items() if not (key == "documentation" and isinstance(each, str))
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
