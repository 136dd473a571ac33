"""Does a turn cost more where many tickets are stored? CPU a turn at two sizes, block by block in one process."""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from adapters.local.running import Runner
from benchmarks.figures import TEXTS, Figure, compare, middle, show, spend

BLOCK = 32
TICKETS_A_CUSTOMER = 10
Row = tuple[str, str, str, str, Any]
_ROWS = "SELECT partition, row, version, body, expires_at FROM rows WHERE row <> 'KEY'"
_ADD = "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--blocks", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(measure(Path(folder), options.few, options.many, options.blocks))


def measure(folder: Path, few: int, many: int, blocks: int) -> list[Figure]:
    """Both folders take turns, so that a busy machine slows both alike."""
    small, large = open_filled(folder / "few", few), open_filled(folder / "many", many)
    spent: dict[Runner, list[float]] = {small: [], large: []}
    for number in range(blocks + 2):
        for runner, costs in spent.items():
            costs.append(spend(partial(answer_block, runner, number))[1] / BLOCK * 1e3)
    for runner in spent:
        runner.close()
    base, cost = middle(spent[small][2:]), middle(spent[large][2:])
    name = f"turn, CPU at {many:,} tickets"
    return [compare(name, cost, "ms", f"at {few:,} tickets", base, "≤ 1.2 ×", cost <= 1.2 * base)]


def answer_block(runner: Runner, block: int) -> None:
    """Messages of customers who have their ten tickets already."""
    for number in range(block * BLOCK, (block + 1) * BLOCK):
        customer = customer_of(number * TICKETS_A_CUSTOMER)
        runner.answer({"id": f"new{number}", "text": TEXTS[number % len(TEXTS)], "customer_id": customer})


def customer_of(ticket: int) -> str:
    return f"cus_{ticket // TICKETS_A_CUSTOMER % 100:05d}x{ticket // TICKETS_A_CUSTOMER // 100:05d}"


def open_filled(folder: Path, tickets: int) -> Runner:
    """A data folder with so many answered tickets: the rows of a real one, under other names."""
    runner = Runner(folder)
    first = runner.answer({"id": "first", "text": TEXTS[1], "customer_id": "cus_first"})
    store = runner.platform.provider.store
    rows: list[Row] = [row for row in store.read(_ROWS) if "cus_first" in row[0] or "cus_first" in row[3]]
    rows += [row for row in store.read(_ROWS) if first["conversation_id"] in row[0] + row[1] and row not in rows]
    for start in range(0, tickets, 1_000):
        copies = copy_rows(rows, first, range(start, min(start + 1_000, tickets)))
        store.transact(partial(_add, copies))
    return runner


def _add(copies: Iterator[Row], connection: sqlite3.Connection) -> None:
    connection.executemany(_ADD, copies)


def copy_rows(rows: list[Row], first: dict[str, Any], tickets: range) -> Iterator[Row]:
    message = first["conversation_id"][1:]
    for ticket in tickets:
        names = {message: f"{ticket:016x}", first["ticket_id"]: f"t{ticket:012x}", "cus_first": customer_of(ticket)}
        for partition, row, version, body, expires_at in rows:
            texts = [partition, row, body]
            for old, new in names.items():
                texts = [text.replace(old, new) for text in texts]
            yield texts[0], texts[1], f"{version}-{ticket:x}", texts[2], expires_at


if __name__ == "__main__":
    main()
