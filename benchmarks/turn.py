"""A whole turn on the local provider: CPU beside a fixed computation, and turns a second of `supportmax run`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from adapters.local.running import Runner
from benchmarks.figures import TEXTS, Figure, append_and_sync, compare, middle, show, spend, spin

BLOCK = 32
SYNCS_A_TURN = 3  # the message, the claim, the commit
PROGRAM = "from adapters.local.cli.main import main; main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=20, help=f"of {BLOCK} turns each")
    parser.add_argument("--lines", type=int, default=1_000, help="messages for `supportmax run`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(measure(Path(folder), options.blocks, options.lines))


def measure(folder: Path, blocks: int, lines: int) -> list[Figure]:
    """CPU in this process, block by block beside its floors; then the rate of the command."""
    runner, number, turns, computing, floors = Runner(folder / "data"), 0, list[float](), list[float](), list[float]()

    def answer_block() -> None:
        nonlocal number
        for _ in range(BLOCK):
            number += 1
            runner.answer(any_line(number))

    for _ in range(2):
        answer_block()
    for _ in range(blocks):
        turns.append(spend(answer_block)[1] / BLOCK * 1e3)
        computing.append(spend(spin)[1] * 1e3)
        floors.append(spend(lambda: append_and_sync(folder, SYNCS_A_TURN))[0] * 1e3)
    runner.close()
    cpu, rate = middle(turns), measure_rate(folder, lines)
    return [
        compare("turn, CPU", cpu, "ms", "200 JSON round trips", middle(computing), "≤ 6 ms", cpu <= 6),
        compare("turns of `run`", rate, "1/s", "3 append + fdatasync", 1e3 / middle(floors), "≥ 150/s", rate >= 150),
    ]


def measure_rate(folder: Path, lines: int) -> float:
    """Turns a second of `supportmax run`, without its start: a long file against a short one."""
    few = lines // 10
    return (lines - few) / (run_command(folder, "many", lines) - run_command(folder, "few", few))


def run_command(folder: Path, name: str, lines: int) -> float:
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(any_line(number)) + "\n" for number in range(lines)), "utf-8")
    began = time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, "run", str(file), "--data", str(folder / name)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def any_line(number: int) -> dict[str, str]:
    """A message of a customer who has never written."""
    return {"id": f"m{number}", "text": TEXTS[number % len(TEXTS)], "customer_id": f"cus_{number}"}


if __name__ == "__main__":
    main()
