"""Secrets as files that only their owner reads, outside the database so that no copy of it holds a key (S1 to S3)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from pathlib import Path

from adapters.local.files import path_of, prepare_root, remove_whole, write_whole
from shared.errors import Conflict, NotFound, Unavailable, Unsupported
from shared.ports.ids import Ids
from shared.ports.limits import check_name

ACTIVE_VERSIONS = 2


class LocalSecrets:
    """The `secrets` port in one folder: a line a version, newest first."""

    def __init__(self, folder: Path, ids: Ids, *, read_only: bool = False) -> None:
        self._root, self._ids, self._read_only = folder, ids, read_only
        self._writing = threading.Lock()
        if not read_only:
            prepare_root(folder)

    def get(self, name: str) -> Sequence[bytes]:
        """The active versions, newest first (S1, S2)."""
        versions = self._versions(name)
        if not versions:
            raise NotFound(f"no secret {name}", field="name", action="store the secret first")
        return versions

    def create(self, name: str, value: bytes) -> None:
        """Store the first version (S4)."""
        self._demand_writing()
        check_name(name)
        if not self._write(name, [value], replace=False):
            raise Conflict(f"secret {name} exists")

    def put(self, name: str, value: bytes) -> None:
        """Store a new version beside the one before (S2)."""
        self._demand_writing()
        with self._writing:
            self._write(name, [value, *self._versions(name)][:ACTIVE_VERSIONS], replace=True)

    def delete(self, name: str) -> None:
        """Forget every version."""
        self._demand_writing()
        check_name(name)
        with self._writing:
            try:
                remove_whole(path_of(self._root, name))
            except OSError as error:
                raise Unavailable(f"secret {name} cannot be removed: {error.strerror}") from error

    def _write(self, name: str, versions: list[bytes], *, replace: bool) -> bool:
        content = b"\n".join(base64.b64encode(version) for version in versions)
        try:
            return write_whole(self._root, path_of(self._root, name), content, self._ids.new("s"), replace=replace)
        except OSError as error:
            raise Unavailable(f"secret {name} cannot be written: {error.strerror}") from error

    def _versions(self, name: str) -> list[bytes]:
        check_name(name)
        try:
            content = path_of(self._root, name).read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"secret {name} cannot be read: {error.strerror}") from error
        return [base64.b64decode(line) for line in content.split(b"\n")]

    def _demand_writing(self) -> None:
        if self._read_only:
            raise Unsupported("writing secrets in a data folder that was opened read-only")
