"""Live connections in memory (C1 to C3); what was pushed is kept for whoever looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.ports.limits import MAX_PUSH_BYTES, encode_message


class SimulatedConnections:
    """The `connections` port; a connection is there from `attach` until `vanish`."""

    def __init__(self) -> None:
        self.pushed: dict[str, list[dict[str, Any]]] = {}
        self._topics: dict[str, dict[str, None]] = {}

    def attach(self, connection: str) -> None:
        """Somebody connects."""
        self.pushed[connection] = []

    def vanish(self, connection: str) -> None:
        """Somebody is gone without a word."""
        self.pushed.pop(connection, None)

    def join(self, connection: str, topic: str) -> None:
        self._topics.setdefault(topic, {})[connection] = None

    def leave(self, connection: str) -> None:
        self.pushed.pop(connection, None)
        for members in self._topics.values():
            members.pop(connection, None)

    def members(self, topic: str) -> Sequence[str]:
        return tuple(self._topics.get(topic, ()))

    def push(self, connection: str, body: dict[str, Any]) -> bool:
        text = encode_message(body, f"push to {connection}", at_most=MAX_PUSH_BYTES)
        if connection not in self.pushed:
            self.leave(connection)
            return False
        self.pushed[connection].append(json.loads(text))
        return True
