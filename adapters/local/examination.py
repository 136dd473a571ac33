"""What `supportmax doctor` looks at: one function a part, each saying what it saw or raising what is wrong."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from adapters.local.service_check import Check, service_checks
from shared.errors import Misconfigured

PACKAGE = "supportmax-pro"
OLDEST = (3, 11)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it works, what was seen, and what to do where it does not."""

    name: str
    ok: bool
    detail: str
    action: str = ""


def examine(data: Path, url: str | None = None, key: str = "") -> Iterator[Finding]:
    """Every part in turn; what is wrong with one keeps none of the others from being looked at."""
    checks: list[Check] = [
        ("python", check_python, f"install Python {OLDEST[0]}.{OLDEST[1]} or later"),
        ("dependencies", check_dependencies, "run `make demo`, or `pip install -e .` in the virtual environment"),
        ("data folder", lambda: check_folder(data), "choose another folder with --data, on a disk that can be written"),
        ("artefacts", check_artefacts, "reinstall the package; for the intent model run `supportmax train`"),
        ("handlers", check_handlers, "reinstall the package: a handler does not fit its manifest row"),
        ("playbooks", check_playbooks, "run `supportmax playbooks check` on the folder and mend what it names"),
    ]
    if url is not None:
        checks += service_checks(url, key)
    for name, check, action in checks:
        yield _look(name, check, action)


def _look(name: str, check: Callable[[], str], action: str) -> Finding:
    try:
        return Finding(name, True, check())
    except Exception as error:  # noqa: BLE001 - whatever a part raises is what is wrong with it
        return Finding(name, False, f"{type(error).__name__}: {error}", action)


def check_python() -> str:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        raise Misconfigured(f"this is Python {found}")
    return found


def check_dependencies() -> str:
    """Every package that a run needs is installed, optional ones aside."""
    needed = [each for each in requires(PACKAGE) or () if "extra ==" not in each]
    missing = [name for name in map(_name_of, needed) if not _is_installed(name)]
    if missing:
        raise Misconfigured(f"not installed: {', '.join(missing)}")
    return f"{len(needed)} packages"


def check_folder(data: Path) -> str:
    """A database and a file in the folder, or beside it while it does not exist; one that is in use is read."""
    from adapters.local.store import DATABASE_FILE, open_store

    if (data / DATABASE_FILE).exists():
        open_store(data, read_only=True).close()
    place = data if data.exists() else _nearest(data)
    with tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as folder:
        began = time.perf_counter()
        write_durably(Path(folder) / "probe")
        took = (time.perf_counter() - began) * 1000
        open_store(Path(folder) / "store").close()
    return f"{data} can be written, one fsync takes {took:.1f} ms"


def check_artefacts() -> str:
    """What ships with the package loads: the intent model, the company's tables and its articles."""
    from shared.company.article_files import load_articles
    from shared.company.company import FOLDER, Company
    from shared.settings import read_settings
    from shared.understanding.understand import shipped_model

    company = Company(read_settings().company)
    for part in (company.flags, company.approvals, company.caps, company.routing, company.tiers, company.staff):
        if part is None:
            raise Misconfigured("a table of the company is empty")
    labels, articles = len(shipped_model().labels), len(load_articles(FOLDER / "articles"))
    return f"{labels} intents, {articles} articles, {len(company.phrases)} phrases"


def check_handlers() -> str:
    """Every row of the manifest is a function that takes what the row says."""
    from shared.dispatch import resolve
    from shared.manifest import HANDLERS

    for handler in HANDLERS:
        resolve(handler.name)
    return f"{len(HANDLERS)} handlers"


def check_playbooks() -> str:
    """Every playbook that would be run is read and fits the tools and agents."""
    from shared.agents.catalog import AGENTS
    from shared.agents.check import check_playbook
    from shared.company.company import Company
    from shared.settings import read_settings
    from shared.tools.catalog import TOOLS

    company = Company(read_settings().company)
    for name in company.playbook_files:
        playbook = company.playbook(name)
        problems = check_playbook(playbook, TOOLS, AGENTS) if playbook else ()
        if problems:
            raise Misconfigured(f"{name}: {problems[0].where}: {problems[0].message}")
    return f"{len(company.playbook_files)} playbooks"


def write_durably(path: Path) -> None:
    """Write a file and wait for the disk."""
    with path.open("wb") as file:
        file.write(b"probe")
        file.flush()
        os.fsync(file.fileno())


def _nearest(folder: Path) -> Path:
    """The folder that exists above one that does not."""
    return next(parent for parent in folder.absolute().parents if parent.is_dir())


def _name_of(requirement: str) -> str:
    found = NAME.match(requirement)
    return found[0] if found else requirement


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
