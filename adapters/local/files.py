"""Files that are whole or absent, under names that no file system mangles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

DESK = ".writing"  # unfinished files lie here; an encoded name never begins with a dot

_LONGEST = 200  # file systems allow 255 bytes
_FOLDER, _CONTINUED = "%", "%%"  # endings of folders: between two parts of a name, and inside a long part
_UNSAFE = re.compile(r"[^a-z0-9_=@+,.-]")  # capitals too: some file systems take a and A for the same name
_LEADING_DOT = re.compile(r"^\.")


def path_of(root: Path, name: str) -> Path:
    """Where the document `name` lies below `root`."""
    *folders, last = name.split("/")
    steps = [step for folder in folders for step in _steps(folder, _FOLDER)]
    return root.joinpath(*steps, *_steps(last, ""))


def names_below(root: Path, prefix: str) -> Iterator[str]:
    """The names that begin with `prefix`, in no order."""
    parts = prefix.split("/")[:-1]
    top = root.joinpath(*(step for part in parts for step in _steps(part, _FOLDER)))
    for folder, _, files in os.walk(top):
        steps = Path(folder).relative_to(root).parts
        for file in files:
            name = _name_from((*steps, file))
            if name is not None and name.startswith(prefix):
                yield name


def prepare_root(root: Path) -> None:
    """Create a root for files that only this user reads, and remove what a killed process left unfinished."""
    desk = root / DESK
    for folder in (root, desk):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for unfinished in desk.iterdir():
        unfinished.unlink()


def write_whole(root: Path, path: Path, content: bytes, unique: str, *, replace: bool = True) -> bool:
    """Store a file durably, all of it or nothing; False where it exists and was not to be replaced."""
    unfinished = root / DESK / unique
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _make_folders(path.parent)
        stored = _replace(unfinished, path) if replace else _create(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)
    return stored


def remove_whole(path: Path) -> None:
    """Remove a file durably; an absent one is no error."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(unfinished: Path, path: Path) -> bool:
    os.rename(unfinished, path)
    return True


def _create(unfinished: Path, path: Path) -> bool:
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return False
    return True


def _make_folders(folder: Path) -> None:
    """Like mkdir with parents, each new entry brought to the disk."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def _steps(part: str, ending: str) -> list[str]:
    """One part of a name as path steps of bearable length."""
    encoded = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02x}", part)
    *continued, last = [encoded[at : at + _LONGEST] for at in range(0, len(encoded), _LONGEST)] or [""]
    steps = [step + _CONTINUED for step in continued] + [last + ending]
    return [_LEADING_DOT.sub("%2e", step) for step in steps]


def _name_from(steps: tuple[str, ...]) -> str | None:
    """The name that `path_of` took to these steps, or None for a file that is not a document."""
    if steps[0] == DESK:
        return None
    *folders, last = steps
    text = ""
    for folder in folders:
        text += folder.removesuffix(_CONTINUED) if folder.endswith(_CONTINUED) else folder.removesuffix(_FOLDER) + "/"
    return unquote(text + last)
