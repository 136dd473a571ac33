"""Reads one TOML table that ships beside this file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_table(name: str) -> dict[str, Any]:
    """The table `shared/company/<name>.toml`; callers must not change it."""
    return tomllib.loads(files("shared.company").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
