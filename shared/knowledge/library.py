"""A tenant's articles at work: which index is current, searched and kept in memory until a newer one is published."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import NotFound
from shared.knowledge.index import Index, load_index
from shared.knowledge.search import Hit, search
from shared.ports.documents import Documents

T = TypeVar("T")


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
    """Searches a tenant's current index; another tenant's articles are in another file (T20)."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._loaded: dict[str, tuple[Current, Index]] = {}
        self._last: tuple[object, Any] = ((), None)

    def search(self, tenant: str, query: str, *, top: int = 3) -> tuple[Hit, ...]:
        """The passages that answer a query best; none where the tenant has published nothing."""
        index = self._index(tenant)
        return search(index, query, top=top) if index else ()

    def index(self, tenant: str) -> Index | None:
        return self._index(tenant)

    def ask_once(self, question: object, ask: Callable[[], T]) -> T:
        """What `ask` says, once for the same question: a turn sees whether there is an answer, and then gives it."""
        known, answer = self._last
        if known != question:
            answer = ask()
            self._last = (question, answer)
        found: T = answer
        return found

    def refresh(self) -> None:
        """Look again for newer indexes at the next search."""
        self._loaded.clear()
        self._last = ((), None)

    def _index(self, tenant: str) -> Index | None:
        if tenant not in self._loaded:
            current = read_current(self._documents, tenant)
            if current is None:
                return None
            self._loaded[tenant] = (current, load_index(self._documents.get(current.document)))
        return self._loaded[tenant][1]
