"""A deployment is configured in the open: every legal value is named where one is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Misconfigured
from stacks.code import code_of
from stacks.config import KEYS, REGIONS, read_config
from stacks.stages import STAGES
from tests.stacks.templates import ROOT


def test_nothing_told_is_one_region_of_dev() -> None:
    config = read_config({})
    assert (config.stage, config.regions, config.turns) == ("dev", ("us-east-1",), "standard")


@pytest.mark.parametrize(("stage", "turns"), [("dev", "standard"), ("staging", "standard"), ("prod", "express")])
def test_turns_are_seen_in_the_console_but_in_prod(stage: str, turns: str) -> None:
    assert read_config({"stage": stage}).turns == turns
    other = "express" if turns == "standard" else "standard"
    assert read_config({"stage": stage, "turns": other}).turns == other


@pytest.mark.parametrize(
    ("key", "value", "legal"),
    [
        ("stage", "production", "dev, staging, prod"),
        ("regions", "us-esat-1", ", ".join(REGIONS)),
        ("regions", "", REGIONS[0]),
        ("regions", "us-east-1,us-east-1", "twice"),
        ("turns", "fast", "express, standard"),
        ("account", "12345", "twelve digits"),
        ("code", "fresh", "built, placeholder"),
        ("waf", "yes", "true, false"),
        ("budget", "-3", "whole dollars"),
        ("cors", "*", "https://"),
        ("mail_domain", "no dots", "a domain"),
        ("alarm_mail", "nobody", "a mail address"),
    ],
)
def test_a_wrong_value_is_told_with_the_legal_ones(key: str, value: str, legal: str) -> None:
    with pytest.raises(Misconfigured, match=key) as told:
        read_config({key: value})
    assert legal in str(told.value)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Misconfigured) as told:
        read_config({"stage": "x", "regions": "y", "turns": "z", "stgae": "dev"})
    said = str(told.value)
    assert all(f"{key} " in said for key in ("stage", "regions", "turns", "stgae"))
    assert ", ".join(KEYS) in said


@pytest.mark.parametrize(
    "context",
    [
        {"mail_domain": "support.example.com"},
        {"issuer": "https://id.example.com"},
        {"audience": "desk"},
        {"budget": "5"},
    ],
)
def test_values_that_need_another_are_refused_without_it(context: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match=next(iter(context))):
        read_config(context)


@pytest.mark.parametrize("waf", [True, "true"])
def test_values_of_cdk_json_and_of_the_command_line_mean_the_same(waf: Any) -> None:
    told = {"regions": ["eu-west-1", "us-east-1"] if waf is True else "eu-west-1,us-east-1", "waf": waf}
    config = read_config(told)
    assert (config.regions, config.waf) == (("eu-west-1", "us-east-1"), True)


def test_the_cdks_own_keys_are_left_alone() -> None:
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    assert read_config({**context, "aws:cdk:bundling-stacks": ["**"]}).stage == "dev"
    assert sum(key.startswith("@aws-cdk") for key in context) > 50  # the recommended flags


def test_code_that_was_not_built_is_asked_for_by_its_make_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misconfigured, match="make build"):
        code_of(read_config({}), "api")


def test_the_package_file_pins_the_command_line() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert package["devDependencies"] == {"aws-cdk": "2.1148.1"}


def test_every_stage_says_when_its_logs_go() -> None:
    from stacks.functions import LOG_DAYS

    assert {stage.log_days for stage in STAGES.values()} <= set(LOG_DAYS)
