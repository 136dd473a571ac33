"""One writer a data folder: an advisory lock that the kernel drops when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from shared.errors import Misconfigured

LOCK_FILE = "supportmax.lock"


def lock_folder(folder: Path) -> int:
    """Take a data folder for this process; returns the descriptor that holds it; raises Misconfigured when taken."""
    held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.read(held, 20).decode() or "unknown"
        os.close(held)
        raise Misconfigured(
            f"data folder {folder} is in use by process {owner}: stop it, choose another folder, or open it read-only"
        ) from error
    os.ftruncate(held, 0)
    os.pwrite(held, str(os.getpid()).encode(), 0)
    return held


def unlock_folder(held: int) -> None:
    """Give a data folder back; the file stays, because removing it would let two writers lock two files."""
    os.ftruncate(held, 0)
    os.close(held)
