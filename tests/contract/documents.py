"""What every provider's `documents` must do: D1 to D6."""

from __future__ import annotations

import itertools
import time
from typing import Protocol

import pytest

from shared.errors import Conflict, InvalidInput, NotFound, TooLarge
from shared.ports.documents import Documents

_fresh = itertools.count()


class HasDocuments(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def documents(self) -> Documents: ...


def any_folder() -> str:
    """A name's beginning that no other test uses."""
    return f"raw/t{time.time_ns():x}-{next(_fresh)}"


class DocumentsContract:
    """D1 to D6 against a real store."""

    @pytest.mark.parametrize("content", [b"", b"\x00\xff\r\n", b"x" * 1_000_000], ids=["empty", "bytes", "large"])
    def test_d3_a_read_after_a_write_sees_it(self, provider: HasDocuments, content: bytes) -> None:
        name = f"{any_folder()}/mail"
        provider.documents.put(name, content)
        assert provider.documents.get(name) == content

    def test_d2_a_write_replaces_the_whole_document(self, provider: HasDocuments) -> None:
        name = f"{any_folder()}/mail"
        provider.documents.put(name, b"a long first version")
        provider.documents.put(name, b"short")
        assert provider.documents.get(name) == b"short"

    def test_d4_only_the_first_create_wins(self, provider: HasDocuments) -> None:
        name = f"{any_folder()}/mail"
        provider.documents.create(name, b"first")
        with pytest.raises(Conflict):
            provider.documents.create(name, b"second")
        assert provider.documents.get(name) == b"first"

    def test_d5_an_absent_document_is_not_found(self, provider: HasDocuments) -> None:
        with pytest.raises(NotFound):
            provider.documents.get(f"{any_folder()}/mail")

    def test_d6_a_deleted_document_is_gone_and_may_be_deleted_and_created_again(self, provider: HasDocuments) -> None:
        folder = any_folder()
        provider.documents.put(f"{folder}/mail", b"x")
        provider.documents.delete(f"{folder}/mail")
        provider.documents.delete(f"{folder}/mail")
        assert list(provider.documents.list_names(folder)) == []
        with pytest.raises(NotFound):
            provider.documents.get(f"{folder}/mail")
        provider.documents.create(f"{folder}/mail", b"y")
        assert provider.documents.get(f"{folder}/mail") == b"y"

    def test_names_are_listed_by_prefix_in_byte_order(self, provider: HasDocuments) -> None:
        folder = any_folder()
        names = [
            f"{folder}/{rest}" for rest in ("b", "a", "a/b", "a/B", "ab", "Z", "a/b/c", "~", "a.b", ".hidden", "%41")
        ]
        for name in names:
            provider.documents.put(name, name.encode())
        assert list(provider.documents.list_names(folder)) == sorted(names)
        assert list(provider.documents.list_names(f"{folder}/a")) == sorted(
            n for n in names if n.startswith(f"{folder}/a")
        )
        assert list(provider.documents.list_names(f"{folder}/a/")) == sorted([names[2], names[3], names[6]])
        assert [provider.documents.get(name) for name in names] == [name.encode() for name in names]

    @pytest.mark.parametrize("letter", ["x", "X", "~", "."])
    def test_d1_a_name_of_500_bytes_is_kept_and_one_of_501_refused(self, provider: HasDocuments, letter: str) -> None:
        folder = any_folder() + "/"
        longest = folder + letter * (500 - len(folder))
        provider.documents.put(longest, b"x")
        assert list(provider.documents.list_names(folder)) == [longest]
        assert provider.documents.get(longest) == b"x"
        with pytest.raises(TooLarge):
            provider.documents.put(longest + letter, b"x")

    @pytest.mark.parametrize("bad", ["", "/a", "a/", "a//b", "a\\b", "a#", "a?", "ä", "a\n", "\x00"])
    def test_d1_a_bad_name_is_refused(self, provider: HasDocuments, bad: str) -> None:
        for use in (provider.documents.get, provider.documents.delete):
            with pytest.raises(InvalidInput):
                use(bad)
        for store in (provider.documents.put, provider.documents.create):
            with pytest.raises(InvalidInput):
                store(bad, b"x")

    def test_t33_a_name_with_dots_stays_inside_the_store(self, provider: HasDocuments) -> None:
        folder = any_folder()
        for name in (f"{folder}/..", f"{folder}/../../../x", f"{folder}/.", f"{folder}/{'y' * 200}..", f"{folder}/./z"):
            provider.documents.put(name, name.encode())
            assert provider.documents.get(name) == name.encode()
        assert len(provider.documents.list_names(folder)) == 5
