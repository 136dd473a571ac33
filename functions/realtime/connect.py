"""Somebody opens a live connection: it is let in, and hears nothing before its first message has shown a key."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.listeners import Listener, write_listener
from shared.ports.clock import Clock
from shared.ports.records import Records

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Opening:
    """A new connection; `conversation` is what it wants to hear of, empty for the desk or if its key says so."""

    connection: str
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    conversation: str


def handle(opening: Opening, *, records: Records, clock: Clock) -> Opened:
    """Remember what was asked for; whether there is such a conversation is told only to whoever shows a key."""
    asked = opening.conversation[: LONGEST_NAME + 1]
    if asked:
        write_listener(records, clock, opening.connection, Listener(asked))
    return Opened(asked)
