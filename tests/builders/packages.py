"""Packages for the machine that the tests run on: the same code, with what is installed here for wheels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from sysconfig import get_path

from adapters.aws.botocore_data import find_needs
from adapters.aws.package import Contents, collect
from shared.manifest import FUNCTIONS, Function

ROOT = Path(__file__).parents[2]
ALONE = ROOT / "tests" / "packaging" / "alone.py"
# Without credentials botocore would look for those of a machine in AWS.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}


def function_called(name: str) -> Function:
    return next(each for each in FUNCTIONS if each.name == name)


@cache
def local_contents(name: str) -> Contents:
    return collect(ROOT, Path(get_path("purelib")), function_called(name))


def lay_out(contents: Contents, folder: Path) -> Path:
    """A folder with what Lambda would unpack; a file that several functions share is written once, and linked."""
    laid_out, pool = folder / contents.function.name, folder / "pool"
    pool.mkdir(exist_ok=True)
    for name, content in contents.files.items():
        kept, path = pool / str(id(content)), laid_out / name
        if not kept.exists():
            kept.write_bytes(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(kept, path)
    return laid_out


def run_alone(folder: Path, contents: Contents) -> subprocess.CompletedProcess[str]:
    """What alone.py says of a laid out package, with warnings as errors."""
    function, imports = contents.function, sorted(contents.closure.foreign)
    needs = json.dumps({"imports": imports, "services": sorted(find_needs(ROOT, contents.closure.ours).services)})
    command = [sys.executable, "-I", "-S", "-W", "error", str(ALONE), str(folder), function.name, needs]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=CREDENTIALS)
