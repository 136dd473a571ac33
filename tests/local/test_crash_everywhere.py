"""A process that dies before or after any port call: nothing is lost, nothing is done twice (F17 to F19, I13, I15, I18)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.local.running import Runner
from shared.effects.ledger import list_effects
from shared.settings import Settings
from tests.builders.crashing import Crash, Fuse, fuse_platform

LINES: list[dict[str, Any]] = [
    {"id": "refund", "customer_id": "cus_uma", "text": "You charged me twice for order ORD-10241, please refund it."},
    {"id": "reset", "customer_id": "cus_leo", "text": "I forgot my password, please send me a reset link."},
    {"id": "person", "customer_id": "cus_nils", "channel": "chat", "text": "Get me a human, please."},
]
STRIDE = int(os.environ.get("CRASH_STRIDE", "5"))  # 1 in `make kill-test`: every call


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with everything seeded, to copy."""
    folder = tmp_path_factory.mktemp("template")
    Runner(folder, settings=Settings()).close()
    return folder


@pytest.fixture(scope="module")
def calm(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = shutil.copytree(template, tmp_path_factory.mktemp("calm") / "data")
    fuse = Fuse(0, after=False)
    return finish(folder, fuse), fuse.calls


def finish(folder: Path, fuse: Fuse) -> dict[str, Any]:
    """Answer every line, dying where the fuse says; what the platform and the company know then."""
    runner = Runner(folder, settings=Settings())
    try:
        fuse_platform(runner.platform, fuse)
        rows = [runner.answer(line) for line in LINES]
        fuse.disarm()
        provider = runner.platform.provider
        effects = [(each.id, each.state, each.amount_minor) for each in list_effects(provider.records, "demo")]
        return {
            "rows": [forget_times(row) for row in rows],
            "effects": effects,
            "books": provider.business_systems.books(),
        }
    finally:
        fuse.disarm()
        runner.close()


def forget_times(row: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in row.items() if name != "duration_ms"}, sort_keys=True)


def crash_points(calls: int) -> Iterator[tuple[int, bool]]:
    """Every STRIDE-th call, before and after it, beginning elsewhere for the two."""
    yield from ((at, False) for at in range(1, calls + 1, STRIDE))
    yield from ((at, True) for at in range(1 + STRIDE // 2, calls + 1, STRIDE))


@pytest.mark.timeout(600)
def test_a_crash_at_any_port_call_changes_nothing_in_the_end(template: Path, calm: Any, tmp_path: Path) -> None:
    expected, calls = calm
    assert calls > 100
    crashes = 0
    for at, after in crash_points(calls):
        folder = shutil.copytree(template, tmp_path / f"{at}-{after}")
        fuse = Fuse(at, after=after)
        with suppress(Crash):  # the last calls of a run are not always the same number
            finish(folder, fuse)
        crashes += fuse.where != ""
        found = finish(folder, Fuse(0, after=False))
        assert found == expected, f"a crash {'after' if after else 'before'} call {at} ({fuse.where}) shows"
        shutil.rmtree(folder)
    assert crashes > 2 * calls // STRIDE * 0.8
