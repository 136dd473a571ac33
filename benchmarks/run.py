"""Every benchmark in one run, as a table (or `--json`, a line a figure); exit status 1 where a goal is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import cold_start, durable_writes, memory, scale, synth, turn, understand
from benchmarks.figures import Figure, compare, show

DURABLE = 0.5
MARKS = {None: "", True: "yes", False: "NO"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, for a first look")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = [figure for bench in BENCHMARKS for figure in in_fresh_folder(bench, 10 if options.quick else 1)]
    if options.json:
        show(figures)
    else:
        Console(width=130).print(as_table(figures))
    sys.exit(any(figure.met is False for figure in figures))


def in_fresh_folder(bench: Callable[[Path, int], list[Figure]], part: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        return bench(Path(folder), part)


def measure_writes(folder: Path, part: int) -> list[Figure]:
    found = durable_writes.measure(folder, 10, 300 // part)
    met = found.ratio >= DURABLE
    name, peer = "durable writes", "append + fdatasync"
    return [compare(name, found.records_per_second, "1/s", peer, found.raw_per_second, f"≥ {DURABLE} ×", met)]


BENCHMARKS: tuple[Callable[[Path, int], list[Figure]], ...] = (
    measure_writes,
    lambda folder, part: turn.measure(folder, max(5, 20 // part), 1_000 // part * 2),
    lambda folder, part: understand.measure(max(5, 30 // part), 7),
    lambda folder, part: scale.measure(folder, 1_000, 100_000 // part, max(5, 20 // part)),
    lambda folder, part: memory.measure(folder, 10_000 // part),
    lambda folder, part: cold_start.measure(folder, max(3, 7 // part)),
    lambda folder, part: synth.measure(folder),
)


def as_table(figures: list[Figure]) -> Table:
    table = Table("figure", "", "unit", "beside", "", "ratio", "goal", "met")
    for each in figures:
        beside = f"{each.peer_value:,g}"
        table.add_row(
            each.name, f"{each.value:,g}", each.unit, each.peer, beside, f"{each.ratio:g}", each.goal, MARKS[each.met]
        )
    return table


if __name__ == "__main__":
    main()
