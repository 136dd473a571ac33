"""Another platform's wheels, installed into a folder without Docker and kept for the next build."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from shared.errors import Misconfigured

PYTHON = "3.11"


def installed_versions() -> list[str]:
    """What is tested is what is shipped: every version of this environment."""
    return sorted({f"{canonicalize_name(each.metadata['Name'])}=={each.version}" for each in distributions()})


def install_wheels(folder: Path, names: Iterable[str], constraints: Iterable[str], platform: str) -> Path:
    """A folder below `folder` with the wheels, fetched only when it is not there; raises Misconfigured."""
    wanted, limits = "\n".join(sorted(names)), "\n".join(constraints)
    key = hashlib.sha256(f"{wanted}\n\n{limits}\n\n{platform} {PYTHON}".encode()).hexdigest()[:12]
    kept = folder / f"{platform}-{key}"
    if kept.is_dir():
        return kept
    fresh = folder / f"{kept.name}.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (fresh / "wanted.txt").write_text(wanted, "utf-8")
    (fresh / "limits.txt").write_text(limits, "utf-8")
    _run_uv(fresh, platform)
    (fresh / "site").rename(kept)
    shutil.rmtree(fresh)
    return kept


def _run_uv(folder: Path, platform: str) -> None:
    where = ["--target", "site", "--python-platform", platform, "--python-version", PYTHON]
    what = ["--only-binary", ":all:", "--requirements", "wanted.txt", "--constraints", "limits.txt"]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-config", *where, *what]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise Misconfigured(f"uv could not install for {platform}: {done.stderr.strip()}")
