"""Documents as files, each replaced as a whole (D1 to D6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.local.files import names_below, path_of, prepare_root, remove_whole, write_whole
from shared.errors import Conflict, NotFound, Unavailable, Unsupported
from shared.ports.ids import Ids
from shared.ports.limits import check_name


class LocalDocuments:
    """The `documents` port in one folder; opened read-only it creates nothing."""

    def __init__(self, folder: Path, ids: Ids, *, read_only: bool = False) -> None:
        self._root, self._ids, self._read_only = folder, ids, read_only
        if not read_only:
            prepare_root(folder)

    def put(self, name: str, content: bytes) -> None:
        """Store or replace a document (D2)."""
        self._write(name, content, replace=True)

    def create(self, name: str, content: bytes) -> None:
        """Store a document under a new name (D4)."""
        if not self._write(name, content, replace=False):
            raise Conflict(f"document {name} exists")

    def get(self, name: str) -> bytes:
        """Read a document (D3, D5)."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"no document {name}", field="name", action="check the document's name") from error
        except OSError as error:
            raise Unavailable(f"document {name} cannot be read: {error.strerror}") from error

    def list_names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, in byte order."""
        return sorted(names_below(self._root, prefix))

    def delete(self, name: str) -> None:
        """Remove a document (D6)."""
        self._demand_writing()
        try:
            remove_whole(self._path(name))
        except OSError as error:
            raise Unavailable(f"document {name} cannot be removed: {error.strerror}") from error

    def _write(self, name: str, content: bytes, *, replace: bool) -> bool:
        self._demand_writing()
        try:
            return write_whole(self._root, self._path(name), content, self._ids.new("d"), replace=replace)
        except OSError as error:
            raise Unavailable(f"document {name} cannot be written: {error.strerror}") from error

    def _path(self, name: str) -> Path:
        check_name(name)
        return path_of(self._root, name)

    def _demand_writing(self) -> None:
        if self._read_only:
            raise Unsupported("writing documents in a data folder that was opened read-only")
