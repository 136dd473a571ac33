"""docs/deploy.md names settings, commands and options that exist, and no setting is missing from it."""

from __future__ import annotations

import json
import re

import click

from adapters.local.cli.main import main
from stacks.config import KEYS, read_config
from stacks.stages import STAGES
from tests.architecture.sources import ROOT

GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
SETTINGS = GUIDE.split("## What can be set")[1].split("\n## ")[0]
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every line of a shell block, and every `supportmax` command in the text."""
    blocks = [line for block in FENCE.findall(GUIDE) for line in block.splitlines()]
    return [*blocks, *re.findall(r"`(supportmax [^`]+)`", GUIDE)]


def test_the_table_of_settings_has_every_key_and_no_other() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", SETTINGS, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == set(KEYS)


def test_every_setting_that_a_command_gives_is_legal() -> None:
    for line in commands():
        given = dict(re.findall(r"-c (\w+)=(\S+)", line))
        if "cdk deploy" in line:
            read_config(given)
        assert set(given) <= set(KEYS), line


def test_every_command_of_ours_takes_what_it_is_given() -> None:
    for line in commands():
        if not line.startswith("supportmax "):
            continue
        _, name, *words = line.split()
        command: click.Command | None = main.get_command(click.Context(main), name)
        assert command is not None, line
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
            assert command is not None, line
        known = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_command_line_is_the_pinned_one() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["devDependencies"]["aws-cdk"])
    assert "npm install" in GUIDE


def test_every_stage_is_explained() -> None:
    assert [stage for stage in STAGES if f"`{stage}`" not in GUIDE] == []
