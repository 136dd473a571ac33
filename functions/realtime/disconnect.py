"""A live connection has ended: it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from shared.access.listeners import forget_listener
from shared.ports.connections import Connections
from shared.ports.records import Records


@dataclass(frozen=True, slots=True)
class Closing:
    connection: str


@dataclass(frozen=True, slots=True)
class Closed:
    connection: str


def handle(closing: Closing, *, records: Records, connections: Connections) -> Closed:
    """Safe to repeat; a gateway may also never tell, then the rows expire."""
    connections.leave(closing.connection)
    forget_listener(records, closing.connection)
    return Closed(closing.connection)
