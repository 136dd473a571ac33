"""What every provider's `secrets` must do: S1 to S3."""

from __future__ import annotations

import itertools
from typing import Protocol

import pytest

from shared.errors import Conflict, InvalidInput, NotFound, SupportMaxError
from shared.ports.secrets import Secrets

_fresh = itertools.count()


class HasSecrets(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def secrets(self) -> Secrets: ...


def any_name() -> str:
    return f"key|t1|C{next(_fresh)}"


class SecretsContract:
    """S1 to S3 against a real store."""

    def test_s1_an_absent_secret_is_not_found(self, provider: HasSecrets) -> None:
        with pytest.raises(NotFound):
            provider.secrets.get(any_name())

    def test_s2_two_versions_are_active_newest_first(self, provider: HasSecrets) -> None:
        name, found = any_name(), list[list[bytes]]()
        for value in (b"\x00one\n", b"", b"three"):
            provider.secrets.put(name, value)
            found.append(list(provider.secrets.get(name)))
        assert found == [[b"\x00one\n"], [b"", b"\x00one\n"], [b"three", b""]]

    def test_s4_only_a_first_version_is_created(self, provider: HasSecrets) -> None:
        name = any_name()
        provider.secrets.create(name, b"first")
        with pytest.raises(Conflict):
            provider.secrets.create(name, b"second")
        assert list(provider.secrets.get(name)) == [b"first"]
        provider.secrets.delete(name)
        provider.secrets.create(name, b"again")
        assert list(provider.secrets.get(name)) == [b"again"]

    def test_a_deleted_secret_is_forgotten_in_every_version(self, provider: HasSecrets) -> None:
        name = any_name()
        provider.secrets.put(name, b"one")
        provider.secrets.put(name, b"two")
        provider.secrets.delete(name)
        provider.secrets.delete(name)
        with pytest.raises(NotFound):
            provider.secrets.get(name)
        provider.secrets.put(name, b"three")
        assert list(provider.secrets.get(name)) == [b"three"]

    def test_names_that_differ_in_case_are_different(self, provider: HasSecrets) -> None:
        name = any_name()
        provider.secrets.put(name, b"one")
        with pytest.raises(NotFound):
            provider.secrets.get(name.lower())

    def test_s3_an_error_does_not_tell_the_secret(self, provider: HasSecrets) -> None:
        with pytest.raises(InvalidInput) as refusal:
            provider.secrets.put("bad?name", b"hunter2")
        assert isinstance(refusal.value, SupportMaxError)
        assert "hunter2" not in f"{refusal.value} {refusal.value.body()}"
