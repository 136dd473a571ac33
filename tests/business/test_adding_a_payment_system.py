"""docs/adding_a_payment_system.md lists exactly what a connector consists of."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from adapters.business.http_system import Api, Operation
from adapters.business.systems import KINDS
from tests.business.vendors import OPEN
from tests.contract import test_payment_business_systems as contract

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding_a_payment_system.md").read_text("utf-8")
LISTED = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)
ROOMS = ("adapters/business", "tests/business", "tests/contract")
SHARED = {"test_systems.py"}  # tries what any connector may be configured with, on the two that there are


def test_every_connector_has_every_file_that_is_listed() -> None:
    assert set(KINDS) == set(OPEN)
    for vendor in KINDS:
        missing = [name for name in LISTED if not (ROOT / name.replace("<vendor>", vendor)).is_file()]
        assert missing == []


def test_no_file_that_names_a_connector_is_left_out() -> None:
    listed = {name.replace("<vendor>", vendor) for name in LISTED for vendor in KINDS}
    paths = [path for folder in ROOMS for path in (ROOT / folder).glob("*.py")]
    for vendor in KINDS:
        naming = {path for path in paths if re.search(rf"\b{vendor}\b", path.read_text("utf-8"))}
        others = {path for path in naming if path.name not in SHARED and not path.name.startswith(f"{vendor}_")}
        assert {str(path.relative_to(ROOT)) for path in others} <= listed


def test_every_part_of_the_table_is_described_and_no_other() -> None:
    described = set(re.findall(r"\*\*(\w+)\*\*", PAGE))
    told_by_name = {"code_of", "sign"}  # functions that the first row of the list names in words
    parts = {each.name for each in fields(Api)} | {"need"}
    assert described == parts - told_by_name
    assert "need" in {each.name for each in fields(Operation)}


def test_each_connector_is_held_to_the_contract() -> None:
    held = {each.__name__.removeprefix("Test").lower() for each in contract.OverHttp.__subclasses__()}
    assert held == set(KINDS)
