"""What a tool is: a typed function and everything that the rules need to know about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Facts = dict[str, Any]
Effect = Literal["none", "write", "money", "irreversible"]
DataClass = Literal["public", "internal", "confidential", "restricted"]


@dataclass(frozen=True, slots=True)
class Tool:
    """One row of TOOLS.

    `run(systems, *, key?, **slots)` answers facts: a JSON object without floats; `key` is taken by effects only.
    `bound` slots are filled by the executor from the conversation and from handles that earlier tools issued
    (`facts["handles"][slot][id]`), never from text; `chosen` slots may be chosen by the caller. `approval` names the
    threshold in company/approvals.toml.
    """

    name: str
    run: Callable[..., Facts]
    family: str
    effect: Effect
    data: DataClass
    system: str | None
    timeout_s: int
    retries: int
    approval: str | None
    bound: tuple[str, ...]
    chosen: tuple[str, ...]
    agents: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """What a model reads: the first line of the function's docstring."""
        return (inspect.getdoc(self.run) or "").splitlines()[0]
