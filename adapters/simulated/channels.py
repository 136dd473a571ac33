"""The way out, kept in memory: every message that left, in order (H1, H2)."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import Unsupported
from shared.ports.channels import Outgoing

# channel -> whether it drops a repeated key; replies on chat and api are read from the committed turn
DEDUPLICATES = {"chat": True, "api": True, "email": False, "phone": True, "social": True, "mobile": True}
READ = ("chat", "api")


class SimulatedChannels:
    """The `channels` port; `watch` hears of each message that left."""

    def __init__(self, watch: Callable[[Outgoing], None] | None = None) -> None:
        self.sent: list[Outgoing] = []
        self.forgotten: set[str] = set()  # keys of what left and no restored row knows of
        self._watch = watch

    def deduplicates(self, channel: str) -> bool:
        if channel not in DEDUPLICATES:
            raise Unsupported(f"sending on channel {channel}")
        return DEDUPLICATES[channel]

    def send(self, message: Outgoing) -> None:
        if self.deduplicates(message.channel) and any(message.key == each.key for each in self.sent):
            return
        if message.channel not in READ:
            self.sent.append(message)
            if self._watch is not None:
                self._watch(message)
