"""Which files each module of ours reads from beside itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from adapters.packaging.closure import find_module
from shared.errors import Misconfigured

MARKS = (b"__file__", b"importlib.resources", b"INTENTS_FOLDER")  # what has one reads files, and must have a row
INTENTS = "shared/company/intents"
READS: dict[str, tuple[str, ...]] = {
    "adapters.aws.settings": (),  # a company's own folder, which `add_company` puts there
    "shared.company.company": ("shared/company/*.toml", "shared/company/playbooks/*.toml"),
    "shared.company.table": ("shared/company/*.toml",),
    "shared.understanding.taxonomy": (f"{INTENTS}/taxonomy.toml",),
    "shared.understanding.concepts": (f"{INTENTS}/concepts.toml",),
    "shared.understanding.entities": (f"{INTENTS}/entities.toml",),
    "shared.understanding.language": (f"{INTENTS}/languages.toml",),
    "shared.understanding.mood": (f"{INTENTS}/mood.toml",),
    "shared.understanding.priority": (f"{INTENTS}/priority.toml",),
    "shared.understanding.understand": (f"{INTENTS}/model.npz",),
    "shared.workflow.definitions": ("shared/workflow/*.asl.json",),
    "shared.knowledge.words": ("shared/knowledge/words/*.toml",),
}


def find_data(source: Path, modules: Iterable[str]) -> tuple[Path, ...]:
    """The files that the modules read; raises Misconfigured for a reader without a row and a row without files."""
    return tuple(sorted({path for module in modules for path in _read_by(source, module)}))


def _read_by(source: Path, module: str) -> Iterator[Path]:
    if module not in READS:
        path = find_module(source, module)
        if path is not None and any(mark in path.read_bytes() for mark in MARKS):
            raise Misconfigured(f"{module} reads files: give it a row in adapters/packaging/data_files.py")
    for pattern in READS.get(module, ()):
        found = list(source.glob(pattern))
        if not found:
            raise Misconfigured(f"{module} reads {pattern}, which names no file")
        yield from found
