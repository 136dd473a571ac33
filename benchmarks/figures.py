"""What a benchmark says: a figure beside a floor or a peer of the same run, and the goal it is held to."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

TEXTS = (
    "I forgot my password, please send me a reset link",
    "How do I connect Slack?",
    "Do you ship to Norway?",
    "Is there a discount for charities?",
    "Where do I download my invoice?",
    "How can I cancel my subscription?",
    "Please tell me your opening hours",
    "How do I export a report?",
)
CUSTOMERS = ("cus_ada", "cus_ben", "cus_zoe")
APPENDED = b"x" * 1_000
ROUND_TRIPS = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """`peer` is what the figure is compared with, `ratio` the figure over it; `met` is None where nothing is asked."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float = 0.0
    ratio: float = 0.0
    goal: str = ""
    met: bool | None = None


def compare(
    name: str, value: float, unit: str, peer: str, other: float, goal: str = "", met: bool | None = None
) -> Figure:
    """A figure with its ratio, rounded for people."""
    return Figure(
        name, round(value, 3), unit, peer, round(other, 3), round(value / other, 2) if other else 0.0, goal, met
    )


def show(figures: list[Figure]) -> None:
    """One JSON line a figure."""
    for figure in figures:
        print(json.dumps(asdict(figure)), flush=True)


def spend(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of this process's work."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def append_and_sync(folder: Path, times: int) -> None:
    """The floor of durability: one kilobyte appended and on the disk, `times` times."""
    file = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for _ in range(times):
            os.write(file, APPENDED)
            os.fdatasync(file)
    finally:
        os.close(file)


def spin() -> None:
    """A fixed piece of pure computing, which tells how fast this machine is just now: 200 JSON round trips."""
    value = {"rows": [{"n": number, "text": "hello" * 3} for number in range(20)]}
    for _ in range(ROUND_TRIPS):
        json.loads(json.dumps(value))


def middle(values: list[float]) -> float:
    """The median: a busy neighbour spoils some blocks, not the middle one."""
    return sorted(values)[len(values) // 2]
