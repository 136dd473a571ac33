"""The two workflow files, read once, with the names of their handlers put in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from shared.errors import NotFound
from shared.workflow.paths import Json

MACHINES = ("turn", "escalation")

_PLACEHOLDER = re.compile(r"\$\{([a-z_]+\.[a-z_]+)\}")


def source(machine: str) -> str:
    """The text of a workflow file; raises NotFound."""
    if machine not in MACHINES:
        raise NotFound(
            f"no workflow {machine}", field="machine", limit=" or ".join(MACHINES), action="name one of them"
        )
    return files("shared.workflow").joinpath(f"{machine}.asl.json").read_text(encoding="utf-8")


@cache
def load_definition(machine: str) -> dict[str, Any]:
    """A workflow with plain handler names (`orchestrator.plan`) as resources; shared, so never change it."""
    definition: dict[str, Any] = substitute(json.loads(source(machine)), lambda handler: handler)
    return definition


def substitute(template: Json, resource_of: Callable[[str], str]) -> Json:
    """The template with every `${handler}` replaced by what `resource_of` says of it."""
    if isinstance(template, dict):
        return {key: substitute(value, resource_of) for key, value in template.items()}
    if isinstance(template, list):
        return [substitute(value, resource_of) for value in template]
    if isinstance(template, str):
        return _PLACEHOLDER.sub(lambda found: resource_of(found[1]), template)
    return template


def handlers(machine: str) -> tuple[str, ...]:
    """The handlers that a workflow calls, in the order of its file."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(source(machine))))
