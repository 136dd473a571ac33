"""Large bytes by name: raw mails, attachments, index files.

D1 A name follows R1 with `/` allowed between its parts. D2 A write replaces the whole document or none of it.
D3 A read after a write sees it. D4 `create` refuses a name that exists (Conflict), so one of two writers wins.
D5 Reading an absent document raises NotFound. D6 A deleted document is gone for every reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Documents(Protocol):
    """A store of whole documents; promises D1 to D6 above."""

    def put(self, name: str, content: bytes) -> None:
        """Store or replace a document (D2)."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Store a document under a new name; raises Conflict where it exists (D4)."""
        ...

    def get(self, name: str) -> bytes:
        """Read a document (D3); raises NotFound (D5)."""
        ...

    def list_names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, ascending."""
        ...

    def delete(self, name: str) -> None:
        """Remove a document; an absent one is no error (D6)."""
        ...
