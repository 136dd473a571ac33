"""`supportmax workflow` prints what the files say."""

from __future__ import annotations

import json

from click.testing import CliRunner

from adapters.local.cli.workflow import command
from shared.workflow.definitions import source


def test_the_turn_is_printed_as_it_is_written() -> None:
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert json.loads(result.output) == json.loads(source("turn"))


def test_the_escalation_is_printed_as_a_picture() -> None:
    result = CliRunner().invoke(command, ["escalation", "--format", "mermaid"])
    assert result.exit_code == 0
    assert result.output.startswith("flowchart TD\n")


def test_what_is_not_there_yet_is_said() -> None:
    result = CliRunner().invoke(command, ["turn", "--format", "gcp"])
    assert result.exit_code == 2
    assert "does not support workflow --format gcp" in result.output


def test_another_name_is_refused() -> None:
    assert CliRunner().invoke(command, ["dance"]).exit_code == 2
