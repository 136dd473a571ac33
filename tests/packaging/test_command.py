"""`supportmax package`: what it refuses, and what it writes beside the zips."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from adapters.aws.package import BUDGET, Built, build, write_manifest
from adapters.local.cli.package import command
from tests.builders.packages import local_contents


def test_an_unknown_function_is_refused_with_the_names_that_there_are(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["aws", "--out", str(tmp_path), "--function", "reply.sing"])
    assert done.exit_code == 2
    assert "reply.sing is no function" in done.output
    assert "reply.send" in done.output


def test_the_manifest_says_what_each_zip_is_and_keeps_the_rows_of_those_not_built_now(tmp_path: Path) -> None:
    kept = Built("realtime.tell.zip", "0" * 64, 1, 1, {})
    write_manifest(tmp_path, {"realtime.tell": kept, "reply.gone": kept})
    built = build(tmp_path, local_contents("reply.send"))
    write_manifest(tmp_path, {"reply.send": built})
    rows = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert rows.keys() == {"realtime.tell", "reply.send"}
    assert rows["reply.send"]["bytes"] == (tmp_path / rows["reply.send"]["zip"]).stat().st_size <= BUDGET
    assert {"pydantic", "botocore", "cryptography"} <= rows["reply.send"]["distributions"].keys()
