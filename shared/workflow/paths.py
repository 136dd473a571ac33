"""Reference Paths and payload templates: `$.a.b[0]` reads, `$.a.b` writes, `"name.$"` fills."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

Json = Any

READ_PATH = re.compile(r"\$(\.[A-Za-z_]\w*(\[\d+\])*)*", re.ASCII)
WRITE_PATH = re.compile(r"\$(\.[A-Za-z_]\w*)*", re.ASCII)


class PathMissing(Exception):
    """The data has nothing at the path."""


@cache
def split_path(path: str) -> tuple[str | int, ...]:
    """`$.a.b[0]` as `("a", "b", 0)`; raises ValueError outside the subset."""
    if not READ_PATH.fullmatch(path):
        raise ValueError(f"not a reference path: {path}")
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"\w+", path))


def read(path: str, data: Json) -> Json:
    """The value at `path`; raises PathMissing."""
    value = data
    try:
        for part in split_path(path):
            if isinstance(value, str):  # its characters are no elements
                raise PathMissing(path)
            value = value[part]
    except (LookupError, TypeError) as error:
        raise PathMissing(path) from error
    return value


def is_present(path: str, data: Json) -> bool:
    """Whether the data has a value at `path`, null included."""
    try:
        read(path, data)
    except PathMissing:
        return False
    return True


def place(path: str | None, data: Json, value: Json) -> Json:
    """`data` with `value` at `path`, copying only what lies on the path; raises PathMissing where a part is no object.

    `$` replaces everything, None keeps `data`.
    """
    if path is None:
        return data
    return _place(split_path(path), path, data, value)


def _place(parts: tuple[str | int, ...], path: str, data: Json, value: Json) -> Json:
    if not parts:
        return value
    if not isinstance(data, dict):
        raise PathMissing(path)
    return {**data, parts[0]: _place(parts[1:], path, data.get(parts[0], {}), value)}


def fill(template: Json, data: Json, context: Json) -> Json:
    """`template` with every `"name.$": path` replaced by what the path finds; raises PathMissing.

    Paths that begin with `$$.` read the context object, all others the data.
    """
    if isinstance(template, dict):
        return {
            (key[:-2] if key.endswith(".$") else key): _fill_field(key, value, data, context)
            for key, value in template.items()
        }
    if isinstance(template, list):
        return [fill(value, data, context) for value in template]
    return template


def _fill_field(key: str, value: Json, data: Json, context: Json) -> Json:
    if not key.endswith(".$"):
        return fill(value, data, context)
    return read(value[1:], context) if value.startswith("$$") else read(value, data)
