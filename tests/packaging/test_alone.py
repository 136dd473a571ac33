"""A package is all that its function needs, and nothing of another's."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from shared.manifest import FUNCTIONS
from tests.builders.packages import lay_out, local_contents, run_alone

NEVER = {"anthropic", "aws_cdk", "boto3", "moto", "scipy", "sklearn", "pytest", "pip", "uvicorn", "starlette"}
AT_START = {"numpy", "cryptography", "phonenumbers", "holidays", "botocore", "aws_lambda_powertools"}  # not yet loaded
LIBRARY = Path(sys.base_prefix).resolve()


@pytest.mark.timeout(300)
def test_every_package_opens_its_function_and_all_it_imports_with_nothing_else(tmp_path: Path) -> None:
    for function in FUNCTIONS:
        contents = local_contents(function.name)
        folder = lay_out(contents, tmp_path)
        done = run_alone(folder, contents)
        assert done.returncode == 0, f"{function.name}: {done.stderr}"
        told = json.loads(done.stdout.splitlines()[-1])
        elsewhere = {name: file for name, file in told["files"].items() if not belongs(file, folder)}
        assert not elsewhere, f"{function.name} loads {elsewhere}"
        assert not AT_START & {name.split(".")[0] for name in told["at_start"]}
        assert not NEVER & {name.split(".")[0] for name in told["files"]}
        shutil.rmtree(folder)


def belongs(file: str, folder: Path) -> bool:
    path = Path(file).resolve()
    return path.is_relative_to(folder.resolve()) or (path.is_relative_to(LIBRARY) and "site-packages" not in path.parts)


@pytest.mark.parametrize(
    "missing", ["pydantic", "cryptography", "jmespath", "botocore/data/dynamodb", "shared/errors.py"]
)
def test_a_package_without_something_that_it_needs_is_noticed(missing: str, tmp_path: Path) -> None:
    contents = local_contents("reply.send")
    folder = lay_out(contents, tmp_path)
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = run_alone(folder, contents)
    assert done.returncode
    assert Path(missing).stem in done.stderr
