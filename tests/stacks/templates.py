"""The templates of a deployment, synthesised by app.py itself and kept by a hash of everything that they come from."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "templates"
WHOLE = "whole"  # written last
SOURCES = ("app.py", "cdk.json", "stacks/*.py", "shared/manifest.py", "shared/settings.py", "shared/workflow/*")
THREE = "us-east-1,us-west-2,eu-west-1"
# Everything that can be switched on, where most is at stake.
FULL = {
    "stage": "prod",
    "regions": THREE,
    "mail_domain": "support.example.com",
    "mail_rules": "shared",
    "alarm_mail": "on-call@example.com",
    "budget": "100",
    "cors": "https://desk.example.com",
    "business_url": "https://gateway.example.com",
    "waf": "true",
    "web": "true",
}

Template = dict[str, Any]


@dataclass(frozen=True)
class Assembly:
    """What a synthesis wrote: templates by the stack's id, and their folder."""

    folder: Path
    templates: dict[str, Template]

    def platform(self, region: str = "us-east-1") -> Template:
        """What runs in a region."""
        return self._one(f"-platform-{region}")

    def data(self, region: str = "us-east-1") -> Template:
        """What is kept in a region."""
        return self._one(f"-data-{region}")

    def directory(self) -> Template:
        """The directory of tenants."""
        return self._one("-directory-")

    def _one(self, part: str) -> Template:
        (found,) = [template for name, template in self.templates.items() if part in name]
        return found


@cache
def synthesise(**context: str) -> Assembly:
    """The templates for a CDK context, with placeholders for code; about ten seconds when they are not kept yet."""
    given = {"code": "placeholder", **context}
    folder = KEPT / _digest(given)
    KEPT.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker of a test run waits, and finds them
        if not (folder / WHOLE).exists():
            _write(given, folder)
    return read_assembly(folder)


def read_assembly(folder: Path) -> Assembly:
    """Templates that lie in a folder already."""
    paths = sorted(folder.glob("*.template.json"))
    templates = {path.name.split(".")[0]: json.loads(path.read_text("utf-8")) for path in paths}
    return Assembly(folder, templates)


def _write(context: dict[str, str], folder: Path) -> None:
    made = run_app(context, folder)
    if made.returncode:
        raise RuntimeError(made.stderr)
    (folder / WHOLE).touch()


def run_app(context: dict[str, str], out: Path) -> subprocess.CompletedProcess[str]:
    """`python app.py` as the CLI starts it."""
    told = {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(out)}
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    environment = {**os.environ, **told, **quiet}
    environment.pop("CDK_DEFAULT_ACCOUNT", None)
    return subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True)


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by its logical id."""
    return {name: made.get("Properties", {}) for name, made in template["Resources"].items() if made["Type"] == kind}


def _digest(context: dict[str, str]) -> str:
    versions = [version(name) for name in ("aws-cdk-lib", "cdk-nag")]
    made_of = hashlib.sha256(json.dumps([context, versions], sort_keys=True).encode())
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()):
        made_of.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return made_of.hexdigest()[:16]
