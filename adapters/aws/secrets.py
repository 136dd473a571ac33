"""Secrets in Secrets Manager: its stages AWSCURRENT and AWSPREVIOUS are the two active versions (S1 to S4).

A value is stored as text, `base64:` and the bytes, because Secrets Manager takes no empty one; what an operator typed
into the console counts as its UTF-8 bytes. Deleting waits for no recovery window, so that what a key has sealed is gone
with it; AWS frees the name a few seconds later.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.errors import translated
from adapters.aws.settings import AwsSettings
from shared.errors import Conflict, NotFound, Throttled
from shared.ports.limits import check_name

SERVICE = "secretsmanager"
STAGES = ("AWSCURRENT", "AWSPREVIOUS")
LONGEST_ID = 512
_ENCODED = "base64:"
_ODD = re.compile(r"[^A-Za-z0-9/_.@-]")


class AwsSecrets:
    """The `secrets` port: two requests a read, one a write; whoever reads often keeps what it read."""

    def __init__(self, clients: Clients, settings: AwsSettings) -> None:
        self._clients, self._prefix = clients, settings.secrets_prefix

    def get(self, name: str) -> Sequence[bytes]:
        """The active versions, newest first (S1, S2)."""
        found = [self._read(name, STAGES[0])]
        with suppress(NotFound):  # there is one version only
            found.append(self._read(name, STAGES[1]))
        return found

    def create(self, name: str, value: bytes) -> None:
        """Store the first version (S4); the SDK repeats a request under one token, so its second try is no conflict."""
        check_name(name)
        try:
            with translated(SERVICE, writes=True):
                self._manager.create_secret(Name=secret_id(self._prefix, name), SecretString=_text_of(value))
        except Conflict as error:
            raise Conflict(f"secret {name} exists") from error
        except NotFound as error:
            raise Throttled(f"secret {name} is still being deleted", after=5) from error

    def put(self, name: str, value: bytes) -> None:
        """Store a new version beside the one before (S2), or the first."""
        check_name(name)
        with suppress(NotFound):
            return self._add_version(name, value)
        with suppress(Conflict):  # another worker was first: theirs is the version before
            return self.create(name, value)
        return self._add_version(name, value)

    def delete(self, name: str) -> None:
        """Forget every version, for good."""
        check_name(name)
        with suppress(NotFound), translated(SERVICE, writes=True):
            self._manager.delete_secret(SecretId=secret_id(self._prefix, name), ForceDeleteWithoutRecovery=True)

    def _read(self, name: str, stage: str) -> bytes:
        check_name(name)
        try:
            with translated(SERVICE, writes=False):
                found = self._manager.get_secret_value(SecretId=secret_id(self._prefix, name), VersionStage=stage)
        except NotFound as error:
            raise NotFound(f"no secret {name}", field="name", action="store the secret first") from error
        return _value_of(found)

    def _add_version(self, name: str, value: bytes) -> None:
        with translated(SERVICE, writes=True):
            self._manager.put_secret_value(SecretId=secret_id(self._prefix, name), SecretString=_text_of(value))

    @property
    def _manager(self) -> Any:
        return self._clients.of(SERVICE)


def secret_id(prefix: str, name: str) -> str:
    """A secret's name in AWS: `|` as `+`, other characters that AWS does not take as `=` and two digits, or a hash."""
    readable = _ODD.sub(lambda odd: "+" if odd[0] == "|" else f"={ord(odd[0]):02X}", name)
    if len(prefix) + len(readable) <= LONGEST_ID:
        return prefix + readable
    return f"{prefix}=sha256.{hashlib.sha256(name.encode()).hexdigest()}"


def _text_of(value: bytes) -> str:
    return _ENCODED + base64.b64encode(value).decode("ascii")


def _value_of(found: dict[str, Any]) -> bytes:
    text = found.get("SecretString")
    if text is None:
        return bytes(found["SecretBinary"])
    return base64.b64decode(text.removeprefix(_ENCODED)) if text.startswith(_ENCODED) else str(text).encode()
