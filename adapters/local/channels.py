"""The sent mail of one machine: every outgoing message as a JSON document in the outbox folder (H1, H2)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.local.files import prepare_root, write_whole
from shared.errors import Unavailable, Unsupported
from shared.ports.channels import Outgoing
from shared.ports.clock import Clock
from shared.ports.ids import Ids


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel behaves: whether it drops a repeated key, and whether anything is sent at all."""

    deduplicates: bool
    sends: bool


# Chat and API replies are read from the committed turn. E-mail behaves like SMTP, which sends a repeat again.
WAYS = {
    "chat": Way(deduplicates=True, sends=False),
    "api": Way(deduplicates=True, sends=False),
    "email": Way(deduplicates=False, sends=True),
    "phone": Way(deduplicates=True, sends=True),
    "social": Way(deduplicates=True, sends=True),
    "mobile": Way(deduplicates=True, sends=True),
}


class LocalChannels:
    """The `channels` port of a machine that is connected to none."""

    def __init__(self, folder: Path, clock: Clock, ids: Ids, *, read_only: bool = False) -> None:
        self._root, self._clock, self._ids, self._read_only = folder, clock, ids, read_only
        if not read_only:
            prepare_root(folder)

    def deduplicates(self, channel: str) -> bool:
        """Whether `channel` drops a second message with the same key (H2)."""
        return _way(channel).deduplicates

    def send(self, message: Outgoing) -> None:
        """Put a message into the outbox (H1)."""
        way = _way(message.channel)
        if not way.sends:
            return
        if self._read_only:
            raise Unsupported("sending from a data folder that was opened read-only")
        name = hashlib.sha256(message.key.encode()).hexdigest()[:32]
        if not way.deduplicates:
            name = f"{self._clock.now():013d}-{self._ids.new('')}"
        document = {"sent_at": self._clock.now(), **asdict(message), "auto_submitted": "auto-replied"}
        content = json.dumps(document, indent=1).encode()
        try:
            file = self._root / f"{message.channel}-{name}.json"
            write_whole(self._root, file, content, self._ids.new("o"), replace=False)
        except OSError as error:
            raise Unavailable(f"the outbox cannot be written: {error.strerror}") from error


def _way(channel: str) -> Way:
    try:
        return WAYS[channel]
    except KeyError as error:
        raise Unsupported(f"sending on channel {channel}") from error
