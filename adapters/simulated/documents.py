"""Documents in memory (D1 to D6)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import Conflict, NotFound
from shared.ports.limits import check_name


class SimulatedDocuments:
    """The `documents` port."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> None:
        check_name(name)
        self._kept[name] = bytes(content)

    def create(self, name: str, content: bytes) -> None:
        check_name(name)
        if name in self._kept:
            raise Conflict(f"document {name} exists")
        self._kept[name] = bytes(content)

    def get(self, name: str) -> bytes:
        check_name(name)
        if name not in self._kept:
            raise NotFound(f"no document {name}", field="name", action="store it first")
        return self._kept[name]

    def list_names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self._kept if name.startswith(prefix))

    def delete(self, name: str) -> None:
        check_name(name)
        self._kept.pop(name, None)
