"""`supportmax effects`: the ledger as programs and people read it, while the platform runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.local.cli.effects import say_age
from adapters.local.cli.main import main
from adapters.local.platform import Platform
from shared.effects.effect import PROPOSED, Effect, effect_id
from shared.effects.ledger import propose, reject
from shared.settings import Settings

MADE = 1_763_640_000_000


def any_effect(id: str = "e1", **changes: Any) -> Effect:
    usual: dict[str, Any] = {
        "tenant": "demo", "conversation": "c1", "turn": 1, "customer": "cus_ada", "tool": "refund_payment",
        "system": "payments", "arguments": {}, "args_hash": "h", "decision": "d", "made": MADE,
        "amount_minor": 1_990, "currency": "EUR",
    }  # fmt: skip
    return Effect(id, **usual | changes)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Platform]:
    """A platform that keeps its data folder open."""
    platform = Platform(tmp_path / "data", Settings())
    yield platform
    platform.close()


def run_effects(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["effects", "--data", str(folder / "data"), *options])


def test_effects_are_read_beside_the_process_that_writes_them(running: Platform, tmp_path: Path) -> None:
    propose(running.provider.records, any_effect("e2", made=MADE + 1))
    propose(running.provider.records, any_effect("e1"))
    reject(running.provider.records, "demo", "e2", "denied")
    told = json.loads(run_effects(tmp_path, "--json").stdout)
    assert [(each["id"], each["state"]) for each in told] == [("e1", "PROPOSED"), ("e2", "REJECTED")]
    first = {name: told[0][name] for name in ("tool", "amount_minor", "currency", "customer", "conversation", "made")}
    assert first == {
        "tool": "refund_payment", "amount_minor": 1_990, "currency": "EUR", "customer": "cus_ada",
        "conversation": "c1", "made": "2025-11-20T12:00:00+00:00",
    }  # fmt: skip
    assert told[0]["age_seconds"] > 0


def test_only_the_state_that_is_asked_for(running: Platform, tmp_path: Path) -> None:
    propose(running.provider.records, any_effect())
    assert json.loads(run_effects(tmp_path, "--json", "--state", "committed").stdout) == []
    assert len(json.loads(run_effects(tmp_path, "--json", "--state", PROPOSED).stdout)) == 1
    assert json.loads(run_effects(tmp_path, "--json", "--tenant", "other").stdout) == []


def test_people_read_a_table(running: Platform, tmp_path: Path) -> None:
    propose(running.provider.records, any_effect())
    shown = run_effects(tmp_path).stdout
    assert "1 effects" in shown
    assert "19.90" in shown


def test_a_folder_without_data_and_an_unknown_state_are_refused(tmp_path: Path) -> None:
    assert "supportmax.db" in run_effects(tmp_path).output
    assert run_effects(tmp_path, "--state", "lost").exit_code == 2
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("seconds", "said"), [(59, "59 s"), (60, "1 min"), (7_200, "2 h"), (90_000, "1 d")])
def test_an_age_is_said_in_its_largest_unit(seconds: int, said: str) -> None:
    assert say_age(seconds) == said


def test_an_effects_id_is_whole_on_a_narrow_screen(
    running: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    wide = {"conversation": "c-" + "5" * 32, "customer": "cus_" + "a" * 12}
    name = effect_id("demo", wide["conversation"], 12, 101)
    propose(running.provider.records, any_effect(name, **wide))
    assert name in run_effects(tmp_path).stdout
