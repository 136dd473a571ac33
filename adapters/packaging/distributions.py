"""What is installed in a folder, by distribution: which offers an import, what it stands on, which files it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import Distribution as Metadata
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.errors import Misconfigured

# What no function reads: files for people, for type checkers, for compilers and for tests.
NEVER = (
    "bin/*", "../*", "*.dist-info/*", "*.pyi", "*/py.typed", "*/__pycache__/*", "*.a", "*.h", "*.c", "*.pyx", "*.pxd",
    "*/tests/*", "*.pth", "*.md", "*.rst",
)  # fmt: skip
READS_OWN_METADATA = frozenset({"holidays"})  # asks importlib.metadata for its version when it is imported


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution; `files` are paths below its folder, `requires` canonical names."""

    name: str
    version: str
    folder: Path
    files: tuple[str, ...]
    requires: tuple[str, ...]

    @property
    def offers(self) -> frozenset[str]:
        """The top-level names that can be imported from it."""
        return frozenset(
            PurePosixPath(file).parts[0].split(".")[0] for file in self.files if file.endswith((".py", ".so"))
        )


@cache
def read_distributions(folder: Path) -> Mapping[str, Distribution]:
    """Every distribution of a folder, by canonical name."""
    found = (_read(folder, each) for each in distributions(path=[str(folder)]))
    return {each.name: each for each in found}


def _read(folder: Path, metadata: Metadata) -> Distribution:
    name = canonicalize_name(metadata.metadata["Name"])
    files = tuple(sorted(file.as_posix() for file in metadata.files or () if _is_needed(name, file.as_posix())))
    return Distribution(name, metadata.version, folder, files, tuple(sorted(_requires(metadata))))


def _is_needed(name: str, file: str) -> bool:
    if name in READS_OWN_METADATA and fnmatch(file, "*.dist-info/METADATA"):
        return True
    return not any(fnmatch(file, pattern) for pattern in NEVER)


def _requires(metadata: Metadata) -> Iterator[str]:
    """What it stands on, without extras. The markers are those of this Python, which is the function's too."""
    for text in metadata.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)


def find_distributions(folder: Path, imported: Iterable[str]) -> tuple[Distribution, ...]:
    """Those that offer the imports, and all that they stand on; raises Misconfigured naming what is missing."""
    known = read_distributions(folder)
    found, waiting = set[str](), _names_of(known, imported)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(known[name].requires if name in known else ())
    _refuse_missing(folder, found - known.keys())
    return tuple(known[name] for name in sorted(found))


def _names_of(known: Mapping[str, Distribution], imported: Iterable[str]) -> list[str]:
    """The distribution that offers each import, or the import's own name."""
    offered = {top: each.name for each in known.values() for top in each.offers}
    return [offered.get(top, top) for top in {name.split(".")[0] for name in imported}]


def _refuse_missing(folder: Path, missing: set[str]) -> None:
    if missing:
        raise Misconfigured(f"not installed in {folder.name}: {', '.join(sorted(missing))}")
