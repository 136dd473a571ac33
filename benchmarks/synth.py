"""Synthesising the stacks of three regions, cdk-nag's rules and all, beside starting the CDK with an empty app."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure, compare, show

ROOT = Path(__file__).parents[1]
CONTEXT = {"stage": "prod", "regions": "us-east-1,us-west-2,eu-west-1", "code": "placeholder"}
EMPTY = "from aws_cdk import App; App(outdir='empty').synth()"
GOAL = 20.0


def measure(folder: Path) -> list[Figure]:
    """Seconds of processor time, of Python and of the node process beside it."""
    environment = os.environ | {"CDK_CONTEXT_JSON": json.dumps(CONTEXT), "CDK_OUTDIR": str(folder / "cdk.out")}
    whole = spend([sys.executable, str(ROOT / "app.py")], environment, ROOT)
    bare = spend([sys.executable, "-c", EMPTY], environment, folder)
    return [compare("synth of three regions", whole, "s", "an empty app", bare, f"≤ {GOAL:g} s", whole <= GOAL)]


def spend(command: list[str], environment: dict[str, str], where: Path) -> float:
    """Processor seconds of a command and of all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, cwd=where, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        show(measure(Path(made)))
