"""The whole: names, environments, outputs, the rules that it is held to, and the same from the CLI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stacks import nag
from stacks.config import WAF_REGION, read_config
from tests.stacks.templates import ROOT, THREE, Assembly, read_assembly

CLI = Path("node_modules/.bin/cdk")
CLI_KEPT = ROOT / "build" / "cli"
BAD_BUCKET = """
from aws_cdk import App, Stack
from aws_cdk.aws_s3 import Bucket
from stacks import nag
from stacks.config import WAF_REGION, read_config
app = App()
Bucket(Stack(app, "bad"), "open")
nag.check(app)
app.synth()
"""


def test_each_region_has_its_stacks_and_the_directory_stands_once(full: Assembly) -> None:
    kinds = {name.split("-", 3)[2] + " " + name.split("-", 3)[3] for name in full.templates}
    regions = THREE.split(",")
    shared = {"directory us-east-1", "edge us-east-1"}
    assert kinds == shared | {f"{kind} {region}" for region in regions for kind in ("data", "platform")}


def test_regions_differ_in_nothing_but_their_name(full: Assembly) -> None:
    def without(region: str) -> str:
        """The template without its region, and without the hashes of versions and origins, into which it goes."""
        text = json.dumps(full.platform(region)).replace(f'"Region": "{WAF_REGION}"', '"Region": "FIRST"')
        text = re.sub(r"CurrentVersion\w+|supportmaxprodplatform\w+", "", text)
        return text.replace(region, "REGION")

    assert len({without(region) for region in THREE.split(",")}) == 1


def test_a_stack_stays_below_cloudformations_limits(full: Assembly) -> None:
    for path in full.folder.glob("*.template.json"):
        assert path.stat().st_size < 1_000_000
    assert all(len(template["Resources"]) <= 450 for template in full.templates.values())


def test_every_stack_says_where_it_goes_and_looks_nothing_up(either: Assembly) -> None:
    artifacts = json.loads((either.folder / "manifest.json").read_text("utf-8"))
    stacks = [each for each in artifacts["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    assert all(each["environment"].startswith("aws://123456789012/") for each in stacks)
    assert "missing" not in artifacts


def test_everything_is_tagged_with_application_stage_and_part(either: Assembly) -> None:
    artifacts = json.loads((either.folder / "manifest.json").read_text("utf-8"))["artifacts"].values()
    stacks = [each for each in artifacts if each["type"] == "aws:cloudformation:stack"]
    assert all({"application", "stage", "part"} <= set(each["properties"]["tags"]) for each in stacks)


def test_what_people_need_after_a_deployment_is_printed(dev: Assembly) -> None:
    told = {name for template in dev.templates.values() for name in template.get("Outputs", {})}
    assert {
        "ApiUrl", "SocketUrl", "TurnsQueue", "TurnsDeadQueue", "FailuresQueue", "RecordsTable", "LedgerTable",
        "DirectoryTable", "DocumentsBucket", "UserPool", "DeskClient",
    } <= told  # fmt: skip


def test_only_prod_is_protected_from_deletion(dev: Assembly, full: Assembly) -> None:
    for assembly, keeps in ((dev, False), (full, True)):
        artifacts = json.loads((assembly.folder / "manifest.json").read_text("utf-8"))["artifacts"].values()
        stacks = [each for each in artifacts if each["type"] == "aws:cloudformation:stack"]
        assert {each["properties"].get("terminationProtection", False) for each in stacks} == {keeps}


def test_the_nag_report_is_clean(either: Assembly) -> None:
    """A finding would have ended the synthesis; the report says so once more."""
    report = json.loads((either.folder / "validation-report.json").read_text("utf-8"))
    assert [each for each in report["pluginReports"] if each["conclusion"] != "success"] == []


def test_a_finding_that_nobody_acknowledged_ends_the_synthesis(tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", BAD_BUCKET], env=environment, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "AwsSolutions-S1" in ended.stderr + ended.stdout


@pytest.mark.parametrize("table", nag.TABLES)
def test_every_acknowledgement_has_a_reason(table: dict[str, str]) -> None:
    assert all(len(reason.split()) >= 5 for reason in table.values())


@pytest.fixture
def cli() -> Path:
    """The pinned command line: where `npm install` put it, or else fetched once; skips where it can be had nowhere."""
    for place in (ROOT, CLI_KEPT):
        if (place / CLI).exists():
            return place / CLI
    CLI_KEPT.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "package.json", CLI_KEPT)
    words = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
    fetched = subprocess.run(words, cwd=CLI_KEPT, capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip("the pinned command line is not here, and npm cannot fetch it")
    return CLI_KEPT / CLI


def test_the_command_line_writes_the_same_templates(dev: Assembly, cli: Path, tmp_path: Path) -> None:
    quiet = {
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    words = [str(cli), "synth", "--quiet", "--no-notices", "--app", f"{sys.executable} app.py"]
    words += ["--output", str(tmp_path), "-c", "code=placeholder"]
    ended = subprocess.run(words, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert read_assembly(tmp_path).templates == dev.templates


def test_the_account_is_the_clis_unless_the_context_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from app import read_context

    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "210987654321")
    monkeypatch.delenv("CDK_CONTEXT_JSON", raising=False)
    assert read_config(read_context()).account == "210987654321"
    monkeypatch.setenv("CDK_CONTEXT_JSON", '{"account": "111122223333", "stage": "staging"}')
    config = read_config(read_context())
    assert (config.account, config.stage) == ("111122223333", "staging")
