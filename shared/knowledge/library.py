"""A tenant's articles at work: which index is current, searched and kept in memory until a newer one is published."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import NotFound
from shared.knowledge.index import Index, load_index
from shared.ports.clock import Clock
from shared.ports.documents import Documents

T = TypeVar("T")

TRUST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Current:
    """Which index file a tenant reads."""

    version: int
    document: str


def current_name(tenant: str) -> str:
    return f"knowledge/{tenant}/current"


def index_name(tenant: str, version: int) -> str:
    return f"knowledge/{tenant}/index-{version:08d}"


def read_current(documents: Documents, tenant: str) -> Current | None:
    """The published index of a tenant, or None before anything was published."""
    try:
        found = json.loads(documents.get(current_name(tenant)))
    except NotFound:
        return None
    return Current(found["version"], found["document"])


class Library:
    """A tenant's current index; another tenant's articles are in another file (T20).

    What was published is found within a second: looking each time costs a turn more than searching does.
    """

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents, clock
        self._loaded: dict[str, tuple[Current, Index]] = {}
        self._looked: dict[str, float] = {}
        self._last: tuple[object, Any] = ((), None)

    def index(self, tenant: str) -> Index | None:
        """What is published now, loaded once; None where nothing is."""
        loaded, index = self._loaded.get(tenant, (None, None))
        now = self._clock.monotonic()
        if index is not None and now < self._looked[tenant] + TRUST_SECONDS:
            return index
        current = read_current(self._documents, tenant)
        if current is None:
            return None
        self._looked[tenant] = now
        if loaded != current:
            index = load_index(self._documents.get(current.document))
            self._loaded[tenant] = (current, index)
        return index

    def ask_once(self, question: object, ask: Callable[[], T]) -> T:
        """What `ask` says, once for the same question: a turn sees whether there is an answer, and then gives it."""
        known, answer = self._last
        if known != question:
            answer = ask()
            self._last = (question, answer)
        found: T = answer
        return found
