"""A real `supportmax serve` in a child process on loopback."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CODE = "from adapters.local.cli.main import main; main()"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """A running server: where it is, its demo key and its process."""

    address: str
    key: str
    data: Path
    process: subprocess.Popen[str]

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

    def begin(self, text: str, customer: str = "cus_ben", *, wait: int = 20, key: str = "") -> httpx.Response:
        """A customer's first message; `key` is its idempotency key."""
        body = {"customer_id": customer, "channel": "web", "initial_message": text}
        return self.post("/conversations", body, **{"Prefer": f"wait={wait}", "Idempotency-Key": key})

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        with self.client as client:
            return client.post(f"/api/v1{path}", json=body, headers=headers)

    def get(self, path: str) -> httpx.Response:
        with self.client as client:
            return client.get(f"/api/v1{path}")


def start_server(data: Path, *options: str, port: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CODE, "serve", "--port", str(port), "--data", str(data), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@contextmanager
def any_server(data: Path, *options: str) -> Iterator[Served]:
    """A server that has said that it serves; killed at the end if it has not stopped by itself."""
    process = start_server(data, "--demo", *options)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "serves" in line, line + (process.stderr.read() if process.stderr else "")
        address = next(word for word in line.split() if word.startswith("http://"))
        yield Served(address, (data / "demo.key").read_text("utf-8").strip(), data, process)
    finally:
        stop_server(process)


def stop_server(process: subprocess.Popen[str]) -> int:
    """End it as a terminal would; its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode
