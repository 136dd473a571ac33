"""Durable writes of `records` beside a bare append and fdatasync on the same disk: prints both rates and the ratio."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.ports.records import Batch, Put

BODY = {"owner": "ai", "arrived": 3, "turn": {"n": 2, "fence": 2, "lease": 1_700_000_000}, "text": "x" * 700}


@dataclass(frozen=True, slots=True)
class Rates:
    """What one run measured; rates are writes a second, CPU is microseconds a write with the disk's own share."""

    records_per_second: int
    raw_per_second: int
    ratio: float
    records_cpu_us: int
    raw_cpu_us: int


def main() -> None:
    """Take both measures in turns, so that a busy machine slows both alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--writes", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print(json.dumps(asdict(measure(Path(folder), options.rounds, options.writes))))


def measure(folder: Path, rounds: int, writes: int) -> Rates:
    """`rounds` times `writes` of each kind into a fresh folder."""
    store = open_store(folder)
    records = LocalRecords(store, SystemClock())
    raw = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line = json.dumps(BODY).encode()

    def write_row(number: int) -> None:
        records.write(Batch(f"T|t|C|{number * 7919 % 1009}", [Put("HEAD", BODY)]))

    def append_line(_: int) -> None:
        os.write(raw, line)
        os.fdatasync(raw)

    spent = {write_row: [0.0, 0.0], append_line: [0.0, 0.0]}
    for number in range(rounds):
        for work, total in spent.items():
            wall, cpu = spend(work, range(number * writes, (number + 1) * writes))
            total[0] += wall
            total[1] += cpu
    os.close(raw)
    store.close()
    done = rounds * writes
    (rows, rows_cpu), (lines, lines_cpu) = spent.values()
    return Rates(
        round(done / rows),
        round(done / lines),
        round(lines / rows, 2),
        round(rows_cpu / done * 1e6),
        round(lines_cpu / done * 1e6),
    )


def spend(work: Callable[[int], None], numbers: range) -> tuple[float, float]:
    """Wall and CPU seconds of doing `work` for every number."""
    wall, cpu = time.perf_counter(), time.process_time()
    for number in numbers:
        work(number)
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
