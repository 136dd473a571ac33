"""The way out to the customer, for channels that are not read from the committed turn.

H1 `send` returns when the channel has accepted the message, raises Unavailable when it certainly was not sent, and
Uncertain when nobody can know. H2 `deduplicates` says whether sending the same `key` again is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out; `key` is the same for every try of the same reply, and its own within its `tenant`."""

    key: str
    channel: str
    to: str
    subject: str
    text: str
    in_reply_to: str = ""
    references: str = ""
    reply_to: str = ""
    message_id: str = ""
    tenant: str = ""


class Channels(Protocol):
    """Sends replies out; promises H1 and H2 above."""

    def deduplicates(self, channel: str) -> bool:
        """Whether `channel` drops a second message with the same key (H2)."""
        ...

    def send(self, message: Outgoing) -> None:
        """Hand a message to its channel (H1)."""
        ...
