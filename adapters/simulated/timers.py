"""Timers in memory (M1 to M4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.errors import InvalidInput
from shared.ports.limits import check_name, encode_message


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come."""

    name: str
    at: int
    handler: str
    body: dict[str, Any]


class SimulatedTimers:
    """The `timers` port; whoever runs the handlers asks for what is due."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, str, str]] = {}

    def set(self, name: str, at: int, handler: str, body: dict[str, Any]) -> None:
        check_name(name)
        if type(at) is not int or not handler:
            raise InvalidInput("a timer", field="at", limit="epoch seconds and a handler", action="give both")
        self._kept[name] = (at, handler, encode_message(body, f"timer {name}"))

    def cancel(self, name: str) -> None:
        self._kept.pop(name, None)

    def take_due(self, now: int) -> list[Due]:
        """Timers whose time has come at `now` (epoch ms), earliest first; they are forgotten."""
        due = sorted((at, name) for name, (at, _, _) in self._kept.items() if at <= now // 1000)
        return [self._take(name) for _, name in due]

    def _take(self, name: str) -> Due:
        at, handler, text = self._kept.pop(name)
        return Due(name, at, handler, json.loads(text))
