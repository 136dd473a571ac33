"""`supportmax failover` on a data folder: after a restore money stands still until it is reopened by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli.main import main
from adapters.local.ids import LocalIds
from adapters.local.platform import Platform
from adapters.local.tenants import HERE, LocalTenants
from shared.effects import ledger
from shared.effects.effect import Effect
from shared.effects.epoch import REOPEN_AFTER_MS, MoneyClosed
from shared.settings import Settings
from tests.builders.clock import any_clock
from tests.builders.effects import LIMITS, NOON, any_effect

TENANT = "demo"


def run_failover(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["failover", TENANT, "--data", str(folder), *options])


def any_folder(folder: Path) -> Effect:
    """A data folder with one refund that waits to be approved."""
    platform = Platform(folder, Settings())
    try:
        return ledger.propose(platform.provider.records, any_effect(tenant=TENANT))
    finally:
        platform.close()


def approve(folder: Path, effect: Effect) -> str:
    platform = Platform(folder, Settings())
    ports = platform.provider
    try:
        return ledger.approve(ports.records, TENANT, effect.id, LIMITS, ports.clock, homes=ports.tenants).state
    finally:
        platform.close()


def restored_long_ago(folder: Path) -> None:
    """The home was named anew at a time at which whatever was on its way has arrived."""
    LocalTenants(folder / "tenants", any_clock(NOON), LocalIds()).move(TENANT, HERE)


def test_a_restored_folder_pays_nothing_until_it_is_reopened(tmp_path: Path) -> None:
    effect = any_folder(tmp_path)
    moved = run_failover(tmp_path, "--to", HERE)
    told = json.loads(moved.stdout)
    assert (moved.exit_code, told["home"]["epoch"], told["drained"]["waiting"]) == (0, 2, [effect.id])
    assert told["reopen_after"] == told["home"]["since"] + REOPEN_AFTER_MS
    with pytest.raises(MoneyClosed):
        approve(tmp_path, effect)
    early = run_failover(tmp_path, "--reopen")
    assert (early.exit_code, '"field": "since"' in early.stderr) == (1, True)
    restored_long_ago(tmp_path)
    reopened = run_failover(tmp_path, "--reopen", "--last", "1")
    assert json.loads(reopened.stdout) == {"epoch": 3, "opened": True, "unsettled": []}
    assert approve(tmp_path, effect) == "APPROVED"


def test_what_keeps_it_closed_is_listed_and_settled_by_a_persons_word(tmp_path: Path) -> None:
    effect = any_folder(tmp_path)
    restored_long_ago(tmp_path)
    platform = Platform(tmp_path, Settings())
    platform.provider.business_systems.set_fault("billing", "down")
    platform.close()
    closed = run_failover(tmp_path, "--reopen")
    assert (closed.exit_code, json.loads(closed.stdout)["unsettled"][0]["effect"]) == (1, effect.id)
    opened = run_failover(tmp_path, "--reopen", "--absent", effect.id, "--operator", "noor")
    assert (opened.exit_code, json.loads(opened.stdout)["opened"]) == (0, True)


def test_another_region_than_the_folders_is_drained_only_where_it_can_be_reached(tmp_path: Path) -> None:
    any_folder(tmp_path)
    LocalTenants(tmp_path / "tenants", any_clock(NOON), LocalIds()).move(TENANT, "eu-west-1")
    assert "--lost" in run_failover(tmp_path, "--to", HERE).stderr
    told = json.loads(run_failover(tmp_path, "--to", HERE, "--lost").stdout)
    assert (told["drained"], told["home"]["region"], told["home"]["epoch"]) == (None, HERE, 3)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--to", HERE, "--reopen"),
        ("--reopen", "--cloud", "aws"),
        ("--reopen", "--cloud", "aws", "--stage", "dev"),
        ("--to", "Nowhere at all"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    any_folder(tmp_path)
    assert run_failover(tmp_path, *options).exit_code != 0


def test_a_folder_that_is_none_is_not_made_one(tmp_path: Path) -> None:
    assert run_failover(tmp_path / "absent", "--reopen").exit_code == 1
    assert not (tmp_path / "absent").exists()
