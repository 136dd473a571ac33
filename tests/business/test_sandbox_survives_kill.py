"""kill -9 in the middle of actions loses nothing that was answered and leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.business.sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
REFUND = {
    "customer": "cus_dmitri",
    "payment": "pay_dmitri_2611b",
    "amount_minor": 1,
    "currency": "EUR",
    "reason": "test",
}
CHILD = f"""
import sys
from pathlib import Path
from adapters.business.sandbox.sandbox import Sandbox
sandbox = Sandbox(Path(sys.argv[1]))
for number in range(20_000):
    sandbox.act("billing", "refund", {REFUND!r}, key=f"k{{number}}")
    print(number, flush=True)
"""


@pytest.mark.parametrize("answers", [1, 40])
def test_a_killed_worker_leaves_books_and_keys_consistent(tmp_path: Path, answers: int) -> None:
    answered = act_until_killed(tmp_path, answers)
    sandbox = Sandbox(tmp_path)
    keys = [number for number in range(answered + 3) if sandbox.look_up("billing", f"k{number}")]
    payments = {payment["id"]: payment for payment in sandbox.books()["payment"]}
    refunds = [refund for refund in sandbox.books()["refund"] if refund["payment"] == REFUND["payment"]]
    assert len(keys) >= answered
    assert len(refunds) == len(keys) == payments[REFUND["payment"]]["refunded_minor"]
    for number in keys:
        sandbox.act("billing", "refund", REFUND, key=f"k{number}")
    assert len(refunds) == len([each for each in sandbox.books()["refund"] if each["payment"] == REFUND["payment"]])
    sandbox.close()


def act_until_killed(folder: Path, answers: int) -> int:
    """How many actions a child had answered when it was killed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        for _ in range(answers):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        return answers + len(child.stdout.read().split("\n")) - 1
