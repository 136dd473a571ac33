"""Live connections in this process; the WebSocket server attaches each with its way to send (C1 to C3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from shared.ports.limits import MAX_PUSH_BYTES, encode_message

Deliver = Callable[[dict[str, Any]], bool]


class LocalConnections:
    """The `connections` port in memory: whoever was connected when the process died has to connect again anyway."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._ways: dict[str, Deliver] = {}
        self._topics: dict[str, dict[str, None]] = {}

    def attach(self, connection: str, deliver: Deliver) -> None:
        """Say how to reach a connection; `deliver` must not block, and returns False where nobody is there any more."""
        with self._changing:
            self._ways[connection] = deliver

    def join(self, connection: str, topic: str) -> None:
        """Tell `connection` what happens on `topic` from now on."""
        with self._changing:
            self._topics.setdefault(topic, {})[connection] = None

    def leave(self, connection: str) -> None:
        """Forget a connection."""
        with self._changing:
            self._ways.pop(connection, None)
            for topic in [topic for topic, members in self._topics.items() if connection in members]:
                del self._topics[topic][connection]
                if not self._topics[topic]:
                    del self._topics[topic]

    def members(self, topic: str) -> Sequence[str]:
        """The connections that listen on `topic`, in the order in which they joined."""
        with self._changing:
            return tuple(self._topics.get(topic, ()))

    def push(self, connection: str, body: dict[str, Any]) -> bool:
        """Send now; a connection that is gone is forgotten (C1)."""
        encode_message(body, f"push to {connection}", at_most=MAX_PUSH_BYTES)
        deliver = self._ways.get(connection)
        try:
            arrived = deliver is not None and deliver(body)
        except OSError:
            arrived = False
        if not arrived:
            self.leave(connection)
        return arrived
