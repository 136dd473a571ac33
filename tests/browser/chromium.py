"""A headless Chromium, driven over its own protocol: opened on a page, asked and looked at."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1300,900",
)  # fmt: skip
START_SECONDS = 30
LOOK_SECONDS = 20


def find_chromium() -> str | None:
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Page:
    """One page; whatever it logs as an error or asks from another origin is kept."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0
        self.errors: list[str] = []
        self.requests: list[str] = []

    def send(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and take in what is told meanwhile."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=LOOK_SECONDS))
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]
            self._hear(told)

    def run(self, script: str) -> Any:
        """The value of an expression on the page."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def await_true(self, script: str) -> None:
        """Until an expression is true; fails with the page's text where it never is."""
        until = time.monotonic() + LOOK_SECONDS
        while not self.run(script):
            assert time.monotonic() < until, f"{script}\n{self.run('document.body.innerText')}"
            time.sleep(0.05)

    def open(self, address: str) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=address)

    def picture(self, file: Path) -> None:
        shot = self.send("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))

    def _hear(self, told: dict[str, Any]) -> None:
        parameters = told.get("params", {})
        if told["method"] == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])
        if told["method"] == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        if told["method"] == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])


@contextmanager
def any_page(chromium: str, folder: Path) -> Iterator[Page]:
    """A page of a fresh profile."""
    command = [chromium, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _read_port(folder / "DevToolsActivePort")
        targets = httpx.get(f"http://127.0.0.1:{port}/json/list").json()
        target = next(each for each in targets if each["type"] == "page")
        socket = connect(target["webSocketDebuggerUrl"], max_size=None)
        with socket:
            yield Page(socket)
    finally:
        process.kill()
        process.wait()


def _read_port(file: Path) -> int:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if file.exists() and (lines := file.read_text("utf-8").split()):
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")
