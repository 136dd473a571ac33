"""Understanding one text: CPU a text once started, and the time from the start of the command to its first answer."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

from benchmarks.figures import TEXTS, Figure, compare, middle, show, spend, spin
from shared.understanding.understand import understand

PROGRAM = "from adapters.local.cli.main import main; main()"
LONG = " ".join(f"{text}." for text in TEXTS)  # about 260 characters, eight wishes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--starts", type=int, default=7)
    options = parser.parse_args()
    show(measure(options.rounds, options.starts))


def measure(rounds: int, starts: int) -> list[Figure]:
    texts = (*TEXTS, *TEXTS, LONG)

    def read_all() -> None:
        for text in texts:
            understand(text)

    read_all()
    reading, computing = list[float](), list[float]()
    for _ in range(rounds):
        reading.append(spend(read_all)[1] / len(texts) * 1e3)
        computing.append(spend(spin)[1] * 1e3)
    cpu = middle(reading)
    first, bare = middle([first_answer() for _ in range(starts)]), middle([bare_start() for _ in range(starts)])
    return [
        compare("understand, CPU", cpu, "ms", "200 JSON round trips", middle(computing), "< 2 ms", cpu < 2),
        compare("start to first answer", first, "s", "python -c 'import numpy'", bare, "< 0.6 s", first < 0.6),
    ]


def first_answer() -> float:
    """Seconds until `supportmax understand` has answered its first line."""
    line = json.dumps({"id": "1", "text": TEXTS[0]}) + "\n"
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, "understand"], input=line.encode(), stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began


def bare_start() -> float:
    """Seconds of an interpreter that loads the one large library which understanding needs."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
