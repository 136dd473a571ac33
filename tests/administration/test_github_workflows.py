"""The pipelines do what they say: targets, commands and options exist, actions are pinned, nobody's account stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from adapters.local.cli.main import COMMANDS, main
from stacks.config import KEYS
from stacks.stages import STAGES
from tests.architecture.sources import ROOT

YAML: Any = import_module("yaml")  # it has no types
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})")
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML.safe_load(path.read_text("utf-8"))["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job["steps"]


def scripts(path: Path) -> list[str]:
    return [line.strip() for step in steps(path) for line in step.get("run", "").splitlines()]


def test_there_is_one_for_changes_and_one_for_deployments() -> None:
    assert [path.stem for path in FILES] == ["ci", "deploy"]


@EVERY_FILE
def test_every_action_is_pinned_to_a_version(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert [each for each in used if not PINNED.fullmatch(each)] == []


@EVERY_FILE
def test_every_make_target_exists(path: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    called = {line.split()[1] for line in scripts(path) if line.startswith("make ")}
    assert called
    assert called <= targets


@EVERY_FILE
def test_every_command_takes_the_options_that_it_is_given(path: Path) -> None:
    for line in scripts(path):
        if ".venv/bin/supportmax " not in line:
            continue
        name, *words = line.split(".venv/bin/supportmax ")[1].split()
        assert name in COMMANDS
        command = main.get_command(click.Context(main), name)
        assert command is not None
        known = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= known


@EVERY_FILE
def test_every_context_key_and_stage_is_one_that_the_stacks_know(path: Path) -> None:
    given = re.findall(r"-c (\w+)=(\S+)", "\n".join(scripts(path)))
    assert {key for key, _ in given} <= set(KEYS)
    assert {value for key, value in given if key == "stage"} <= set(STAGES)


@EVERY_FILE
def test_nothing_names_an_account_or_holds_a_key(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"\b\d{12}\b|AKIA\w+|arn:aws", text) == []


@EVERY_FILE
def test_every_file_that_a_step_runs_exists(path: Path) -> None:
    ran = [line.split()[0] for line in scripts(path) if line.startswith(".ci/")]
    assert [each for each in ran if not (ROOT / each).is_file()] == []


@EVERY_FILE
def test_every_job_ends_and_waits_only_for_jobs_that_exist(path: Path) -> None:
    found = jobs(path)
    for job in found.values():
        assert 0 < job["timeout-minutes"] <= 120
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(found)


def test_a_deployment_signs_in_without_a_stored_key_and_a_change_cannot_sign_in() -> None:
    texts = {path.stem: YAML.safe_load(path.read_text("utf-8")) for path in FILES}
    assert texts["deploy"]["permissions"]["id-token"] == "write"
    assert texts["ci"]["permissions"] == {"contents": "read"}
    signing = [step["with"] for step in steps(FILES[1]) if "configure-aws-credentials" in step.get("uses", "")]
    assert len(signing) == 3
    assert all(set(each) <= {"role-to-assume", "aws-region", "role-duration-seconds"} for each in signing)


def test_production_comes_after_staging_was_looked_at_and_is_rolled_back_where_it_fails() -> None:
    deploy = jobs(FILES[1])
    assert deploy["prod"]["needs"] == "staging"
    assert deploy["prod"]["environment"] == "prod"
    assert deploy["rollback"]["needs"] == "prod"
    for stage in ("staging", "prod"):
        names = [step.get("name") for step in deploy[stage]["steps"]]
        assert names.index("What would change") < names.index("Smoke")
