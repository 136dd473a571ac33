"""The prebuilt zips that functions are made of."""

from __future__ import annotations

import zipfile
from pathlib import Path

from aws_cdk import aws_lambda as lambda_

from shared.errors import Misconfigured
from stacks.config import Config

BUILT = Path("build/aws")
PLACEHOLDER = Path("build/placeholder.zip")


def code_of(config: Config, function: str) -> lambda_.Code:
    """A function's zip; raises Misconfigured where it was not built."""
    return lambda_.Code.from_asset(str(_placeholder() if config.code == "placeholder" else _built(function)))


def _built(function: str) -> Path:
    path = BUILT / f"{function}.zip"
    if not path.is_file():
        raise Misconfigured(f"{path} is not there: run `make build` first (or -c code=placeholder for a look)")
    return path


def _placeholder() -> Path:
    """A zip that holds no code, the same bytes each time: templates can be looked at without a build."""
    if not PLACEHOLDER.is_file():
        PLACEHOLDER.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(PLACEHOLDER, "w") as archive:
            archive.writestr(zipfile.ZipInfo("nothing.txt", (1980, 1, 1, 0, 0, 0)), "run make build\n")
    return PLACEHOLDER
