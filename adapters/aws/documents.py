"""Documents as S3 objects, encrypted as their bucket says (D1 to D6).

D6 holds for every reader of the platform; what a versioned bucket keeps behind a deletion, its lifecycle rules end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.doubt import in_doubt
from adapters.aws.errors import translated
from adapters.aws.settings import AwsSettings
from shared.errors import Conflict, NotFound
from shared.ports.limits import check_name

S3 = "s3"
_DOTS = re.compile(r"(?<![^/])(\.+)(?=/|$)")
_MARKED_DOTS = re.compile(r"(?<![^/])(\.+)%(?=/|$)")


class AwsDocuments:
    """The `documents` port in one bucket: a request a call, one more for each thousand names of a list."""

    def __init__(self, clients: Clients, settings: AwsSettings) -> None:
        self._clients, self._bucket = clients, settings.documents_bucket

    def put(self, name: str, content: bytes) -> None:
        """Store or replace a document (D2)."""
        check_name(name)
        with translated(S3, writes=True):
            self._s3.put_object(Bucket=self._bucket, Key=object_key(name), Body=content)

    def create(self, name: str, content: bytes) -> None:
        """Store a document under a new name (D4); what the SDK's own earlier attempt stored is no conflict."""
        check_name(name)
        key, writer = object_key(name), os.urandom(12).hex()
        try:
            with translated(S3, writes=True):
                self._s3.put_object(
                    Bucket=self._bucket, Key=key, Body=content, IfNoneMatch="*", Metadata={"writer": writer}
                )
        except Conflict as conflict:
            if not (conflict.__cause__ and in_doubt(conflict.__cause__) and self._wrote(key, writer)):
                raise Conflict(f"document {name} exists") from conflict

    def get(self, name: str) -> bytes:
        """Read a document (D3, D5)."""
        check_name(name)
        try:
            with translated(S3, writes=False):
                return bytes(self._s3.get_object(Bucket=self._bucket, Key=object_key(name))["Body"].read())
        except NotFound as error:
            raise NotFound(f"no document {name}", field="name", action="check the document's name") from error

    def list_names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, in byte order."""
        asked: dict[str, Any] = {"Bucket": self._bucket, "Prefix": object_prefix(prefix)}
        found: list[str] = []
        while True:
            with translated(S3, writes=False):
                page = self._s3.list_objects_v2(**asked)
            found += [name_of(each["Key"]) for each in page.get("Contents", ())]
            if "NextContinuationToken" not in page:
                return sorted(found)
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def delete(self, name: str) -> None:
        """Remove a document (D6); S3 does not say whether there was one."""
        check_name(name)
        with translated(S3, writes=True):
            self._s3.delete_object(Bucket=self._bucket, Key=object_key(name))

    def _wrote(self, key: str, writer: str) -> bool:
        with translated(S3, writes=True):
            found = self._s3.head_object(Bucket=self._bucket, Key=key)
        return bool(found["Metadata"].get("writer") == writer)

    @property
    def _s3(self) -> Any:
        return self._clients.of(S3)


def object_key(name: str) -> str:
    """A document's key: its name, where no part is only dots, which S3 and what lies between would resolve.

    Such a part gets a `%` behind it and every other `%` is doubled, so that names begin alike where their keys do.
    """
    return _DOTS.sub(r"\1%", name.replace("%", "%%"))


def object_prefix(prefix: str) -> str:
    """How the keys of all names begin that begin with `prefix`: its last part may yet go on."""
    folder, slash, rest = prefix.rpartition("/")
    return object_key(folder) + slash + rest.replace("%", "%%")


def name_of(key: str) -> str:
    """The name behind a key."""
    return _MARKED_DOTS.sub(r"\1", key).replace("%%", "%")
