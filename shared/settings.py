"""The only reader of the environment: typed settings, every missing one named in one error."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured

STAGES = ("local", "dev", "staging", "prod")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told from outside; `company` is a folder that overrides the shipped company data."""

    stage: str = "local"
    tenant: str = "demo"
    company: Path | None = None


def read_names(
    required: Iterable[str], optional: Iterable[str] = (), environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Variables by name, optional ones "" where absent; raises Misconfigured that lists every missing one."""
    found = os.environ if environment is None else environment
    names = tuple(required)
    missing = [name for name in names if not found.get(name)]
    if missing:
        raise Misconfigured(f"not set: {', '.join(missing)}")
    return {name: found.get(name, "") for name in (*names, *optional)}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from SUPPORTMAX_* variables; raises Misconfigured listing everything that is wrong at once."""
    found = os.environ if environment is None else environment
    stage = found.get("SUPPORTMAX_STAGE", "local")
    company = found.get("SUPPORTMAX_COMPANY", "")
    wrong = []
    if stage not in STAGES:
        wrong.append(f"SUPPORTMAX_STAGE is {stage!r}, not one of {', '.join(STAGES)}")
    if company and not Path(company).is_dir():
        wrong.append(f"SUPPORTMAX_COMPANY is {company!r}, which is no folder")
    if wrong:
        raise Misconfigured("; ".join(wrong))
    return Settings(stage, found.get("SUPPORTMAX_TENANT", "demo"), Path(company) if company else None)
