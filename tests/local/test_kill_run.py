"""`supportmax run` killed at random and finished: the same ledger, the same books and the same replies (I30)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.effects.ledger import list_effects
from tests.builders.messages import any_lines, as_jsonl

MESSAGES = int(os.environ.get("KILL_MESSAGES", "500"))
KILLS = int(os.environ.get("KILL_TIMES", "10"))
SEED = int(os.environ.get("KILL_SEED", "20261120"))
TIMES = ("duration_ms",)


def start_run(file: Path, data: Path, out: Path) -> subprocess.Popen[bytes]:
    code = "from adapters.local.cli.main import main; main()"
    command = [sys.executable, "-c", code, "run", str(file), "--data", str(data)]
    with out.open("wb") as output:
        return subprocess.Popen(command, stdout=output, cwd=Path(__file__).parents[2])


def read_results(out: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name not in TIMES} for line in lines]


def read_ledger(data: Path) -> Sequence[tuple[Any, ...]]:
    store = open_store(data, read_only=True)
    effects = list_effects(LocalRecords(store, SystemClock()), "demo")
    store.close()
    return sorted((each.id, each.state, each.tool, each.amount_minor, each.customer) for each in effects)


def read_books(data: Path) -> Any:
    sandbox = Sandbox(data)
    books = sandbox.books()
    sandbox.close()
    return books


@pytest.mark.timeout(600)
def test_a_run_that_is_killed_ten_times_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(as_jsonl(any_lines(MESSAGES)), "utf-8")
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    assert start_run(file, calm, tmp_path / "calm.jsonl").wait() == 0
    chance = random.Random(SEED)
    survived = 0
    for _ in range(KILLS):
        child = start_run(file, stormy, tmp_path / "stormy.jsonl")
        try:
            child.wait(timeout=chance.uniform(0.5, 2.5))
            survived += 1
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    assert survived < KILLS, "every run ended before its kill: nothing was tested"
    assert start_run(file, stormy, tmp_path / "stormy.jsonl").wait() == 0

    expected, found = read_results(tmp_path / "calm.jsonl"), read_results(tmp_path / "stormy.jsonl")
    assert len(expected) == MESSAGES
    assert [pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1]] == []
    assert read_ledger(stormy) == read_ledger(calm)
    assert read_books(stormy) == read_books(calm)
    assert any(effect[1] == "COMMITTED" for effect in read_ledger(calm))


def test_a_second_run_on_the_same_folder_gives_the_same_results_and_no_second_effect(tmp_path: Path) -> None:
    file, data = tmp_path / "lines.jsonl", tmp_path / "data"
    file.write_text(as_jsonl(any_lines(40)), "utf-8")
    assert start_run(file, data, tmp_path / "first.jsonl").wait() == 0
    ledger, books = read_ledger(data), read_books(data)
    assert start_run(file, data, tmp_path / "second.jsonl").wait() == 0
    assert read_results(tmp_path / "second.jsonl") == read_results(tmp_path / "first.jsonl")
    assert (read_ledger(data), read_books(data)) == (ledger, books)
