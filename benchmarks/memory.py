"""What `serve` holds in memory after many turns that came in over HTTP (Linux: read from /proc)."""

from __future__ import annotations

import argparse
import http.client
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.figures import TEXTS, Figure, compare, show

PROGRAM = "from adapters.local.cli.main import main; main()"
CLIENTS = 4
WAIT = "wait=20"  # answer when the turn has ended, so that no backlog builds up


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(measure(Path(folder), options.turns))


def measure(folder: Path, turns: int) -> list[Figure]:
    """Start the server, send the messages from a few clients, and ask the system what the process holds."""
    command = [sys.executable, "-c", PROGRAM, "serve", "--demo", "--port", "0", "--data", str(folder / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = read_port(server)
            key = (folder / "data" / "demo.key").read_text().strip()
            talk(port, key, range(100))
            before = resident_megabytes(server.pid)
            began = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                parts = [range(100 + client, 100 + turns, CLIENTS) for client in range(CLIENTS)]
                answered = sum(pool.map(lambda part: talk(port, key, part), parts))
            rate, after = answered / (time.perf_counter() - began), resident_megabytes(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
    return [
        compare(f"serve, memory after {answered:,} turns", after, "MB", "after 100", before, "< 150 MB", after < 150),
        compare("turns of serve over HTTP", rate, "1/s", "clients", CLIENTS),
    ]


def read_port(server: subprocess.Popen[str]) -> int:
    line = server.stdout.readline() if server.stdout else ""
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    if found is None:
        raise SystemExit(f"serve did not start: {line}")
    return int(found[1])


def talk(port: int, key: str, numbers: range) -> int:
    """Send one conversation after the other over one connection; how many were accepted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Prefer": WAIT}
    accepted = 0
    for number in numbers:
        body = {"customer_id": f"cus_{number}", "channel": "api", "initial_message": TEXTS[number % len(TEXTS)]}
        connection.request("POST", "/api/v1/conversations", json.dumps(body), headers)
        response = connection.getresponse()
        response.read()
        accepted += response.status < 300
    connection.close()
    return accepted


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    main()
