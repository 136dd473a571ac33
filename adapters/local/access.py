"""The API key of a data folder, in a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from adapters.local.provider import LocalProvider
from shared.access.api_keys import make_api_key, need_pepper, read_api_key, store_api_key
from shared.errors import NotAuthenticated


def provide_key(provider: LocalProvider, file: Path, tenant: str, permissions: tuple[str, ...], per_hour: int) -> str:
    """The API key in `file` as long as it is valid, else a new one, which only its owner can read there."""
    found = file.read_text("utf-8").strip() if file.exists() else ""
    try:
        read_api_key(provider.records, provider.secrets, provider.clock, found)
    except NotAuthenticated:
        pepper = need_pepper(provider.secrets, provider.ids)
        key, row = make_api_key(provider.ids, pepper, tenant, "demo", permissions, provider.clock.now(), per_hour)
        store_api_key(provider.records, row)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(f"{key}\n")
        return key
    return found
