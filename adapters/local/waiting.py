"""How a handler's writes wait for the disk, by what it takes: each by itself, once when it returns, or not at all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from adapters.local.store import Store
from shared.manifest import BY_NAME

# Whoever takes nothing else tells nobody outside the data folder what it has written before it returns.
WITHIN_THE_FOLDER = frozenset({"records", "vault", "library", "company", "clock", "ids", "telemetry"})
# Whoever takes nothing else, and works on what the same database forgets afterwards, can lose only what it does again.
# A workflow that the relay starts is on the disk, in its own journal, before the relay forgets the event.
WITHIN_THE_DATABASE = WITHIN_THE_FOLDER | {"queue", "events", "workflows"}


def wait_for_call(store: Store, handler: str) -> AbstractContextManager[None]:
    """Around a handler that somebody calls and that must have happened when it returns."""
    return store.waiting_once() if _takes(handler) <= WITHIN_THE_FOLDER else store.waiting_each()


def wait_for_message(store: Store, handler: str) -> AbstractContextManager[None]:
    """Around a handler that works on a stored message or event, which is deleted when it has returned."""
    return store.waiting_never() if _takes(handler) <= WITHIN_THE_DATABASE else wait_for_call(store, handler)


@cache
def _takes(handler: str) -> frozenset[str]:
    row = BY_NAME.get(handler)
    return frozenset(row.takes if row else {"whatever it is"})
