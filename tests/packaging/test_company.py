"""A company's own data in the packages of the functions that read any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.aws.package import add_company, check_company
from adapters.aws.settings import company_folder
from adapters.local.cli.main import main
from shared.errors import Misconfigured
from tests.builders.packages import local_contents

STAFF = """
[[ladder]]
level = "L1"
role = "approver"
minutes = 30

[[operators]]
id = "ada"
name = "Ada"
level = "L1"
skills = ["general"]
roles = ["operator", "approver"]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "operators.toml").write_text(STAFF, "utf-8")
    return folder


def test_own_data_goes_where_it_is_read_and_nowhere_else(own: Path) -> None:
    assert "company/operators.toml" in add_company(local_contents("escalation.assign"), own).files
    assert "company/operators.toml" not in add_company(local_contents("realtime.tell"), own).files


def test_own_staff_takes_the_place_of_the_shipped(own: Path) -> None:
    assert [each.id for each in check_company(own).staff.operators] == ["ada"]


def test_data_that_cannot_be_read_is_refused_before_anything_is_built(own: Path, tmp_path: Path) -> None:
    (own / "operators.toml").write_text("operators = 3", "utf-8")
    with pytest.raises(Misconfigured, match=r"operators\.toml"):
        check_company(own)
    arguments = ["package", "aws", "--out", str(tmp_path / "out"), "--company", str(own)]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "operators.toml" in result.output


def test_the_environment_names_a_company_before_the_package_does(own: Path) -> None:
    given: dict[str, Any] = {"SUPPORTMAX_COMPANY": str(own)}
    assert company_folder(given) == own
    assert company_folder({}) is None
