"""What a function's first answer costs: CPU and memory of a fresh interpreter, beside the same calls made barely.

Each function runs from its package on a moto server of another process; the floor sends the very same requests.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Any

from adapters.aws.clients import Clients
from adapters.aws.rehearsal import REGION, Rehearsal, make_account
from adapters.aws.settings import read_aws_settings, variable
from adapters.local.clock import SystemClock
from benchmarks.figures import Figure, compare, middle, show
from shared.manifest import PORTS
from tests.builders.packages import lay_out, local_contents
from tests.entry.stories import TENANT, furnish

PROGRAM = Path(__file__).with_name("first_answer.py")
SAMPLES = Path(__file__).parents[1] / "events" / "samples"
GOAL, MEGABYTES = 1.5, 80
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}
# One story, in the order in which it happens: function, its event.
STEPS = (
    ("api", "intake.receive/refund"),
    ("intake.relay", "intake.relay/refund"),
    ("orchestrator.start", "orchestrator.start/refund"),
    ("sentiment.assess", "sentiment.assess/refund"),
    ("orchestrator.understand", "orchestrator.understand/refund"),
    ("analytics.project", "analytics.project/refund"),
    ("sla.sweep", "sla.sweep/minute"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one fresh interpreter took until it had answered."""

    cpu_ms: float
    kilobytes: int
    modules: int
    sdks: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(measure(Path(folder), options.rounds))


def measure(folder: Path, rounds: int) -> list[Figure]:
    """Rounds of one story; in each, every function runs beside its floor."""
    packages = {function: lay_out(local_contents(function), folder) for function, _ in STEPS}
    taken: dict[str, list[Taken]] = {function: [] for function in packages}
    floors: dict[str, list[Taken]] = {function: [] for function in packages}
    with serve_moto() as url:
        for number in range(rounds + 1):
            environment = furnish_account(folder / str(number), url)
            for function, event in STEPS:
                told, calls = environment | {variable("function"): function}, str(folder / f"{function}.calls")
                file = str(SAMPLES / f"{event}.aws.json")
                if number == 0:
                    run(told, "trace", str(packages[function]), file, calls)
                    continue
                taken[function].append(run(told, "function", str(packages[function]), file))
                floors[function].append(run(told, "floor", get_path("purelib"), file, calls))
    return [figure for function in packages for figure in figures_of(function, taken[function], floors[function])]


def figures_of(function: str, taken: list[Taken], floors: list[Taken]) -> Iterator[Figure]:
    cpu, floor = middle([each.cpu_ms for each in taken]), middle([each.cpu_ms for each in floors])
    peer = "pydantic + Logger + the same calls by boto3"
    yield compare(f"{function}, first answer, CPU", cpu, "ms", peer, floor, f"≤ {GOAL} ×", cpu <= GOAL * floor)
    size = max(each.kilobytes for each in taken) / 1024
    other = max(each.kilobytes for each in floors) / 1024
    fits = size <= MEGABYTES and not any(each.sdks for each in taken)
    yield compare(f"{function}, memory", size, "MB", peer, other, f"≤ {MEGABYTES} MB, no model SDK", fits)
    modules = middle([float(each.modules) for each in taken])
    yield compare(f"{function}, modules", modules, "", peer, middle([float(each.modules) for each in floors]))


def run(environment: Mapping[str, str], *words: str) -> Taken:
    command = [sys.executable, "-I", "-S", str(PROGRAM), *words]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stdout}\n{done.stderr}")
    told = json.loads(done.stderr.splitlines()[-1])
    if not went_well(told["answer"] or {}):
        raise RuntimeError(f"{words}: {told['answer']}")
    return Taken(told["cpu_ms"], told["kilobytes"], told["modules"], tuple(told["sdks"]))


def went_well(answer: Mapping[str, Any]) -> bool:
    """Whether an answer tells of no failure, whatever called the function."""
    return answer.get("ok", True) and not answer.get("batchItemFailures") and answer.get("statusCode", 200) < 300


@contextmanager
def serve_moto() -> Iterator[str]:
    """A stand-in for AWS on this machine, outside every measured process."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def furnish_account(folder: Path, url: str) -> dict[str, str]:
    """A fresh account at `url` with the tenant, keys and secrets of the stories; a function's environment."""
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    told = CREDENTIALS | {"AWS_ENDPOINT_URL": url}
    os.environ.update(told)
    clients = Clients(REGION)
    environment = make_account(clients) | {variable("tenant"): TENANT}
    provider = Rehearsal(read_aws_settings(PORTS, environment), clients, SystemClock(), folder)
    provider.tenants.add(TENANT, REGION)
    furnish(provider)
    return environment | told


if __name__ == "__main__":
    main()
