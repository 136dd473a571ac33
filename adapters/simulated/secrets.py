"""Secrets in memory (S1 to S4)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import Conflict, NotFound
from shared.ports.limits import check_name

ACTIVE_VERSIONS = 2


class SimulatedSecrets:
    """The `secrets` port: active versions, newest first."""

    def __init__(self) -> None:
        self._kept: dict[str, list[bytes]] = {}

    def get(self, name: str) -> Sequence[bytes]:
        check_name(name)
        if name not in self._kept:
            raise NotFound(f"no secret {name}", field="name", action="store the secret first")
        return tuple(self._kept[name])

    def create(self, name: str, value: bytes) -> None:
        check_name(name)
        if name in self._kept:
            raise Conflict(f"secret {name} exists")
        self._kept[name] = [bytes(value)]

    def put(self, name: str, value: bytes) -> None:
        check_name(name)
        self._kept[name] = [bytes(value), *self._kept.get(name, [])][:ACTIVE_VERSIONS]

    def delete(self, name: str) -> None:
        check_name(name)
        self._kept.pop(name, None)
