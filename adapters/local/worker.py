"""The thread that works while requests are answered by others: it is woken by what they store, and by the clock."""

from __future__ import annotations

import threading
from pathlib import Path

from adapters.local.platform import Platform
from shared.settings import Settings

TICK_SECONDS = 0.5
MINUTE_MS = 60_000
STOP_SECONDS = 20.0


class Worker:
    """One data folder's platform with its worker; `wake` after anything was stored."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._next_minute = 0
        self.settings = settings
        self.platform = Platform(folder, settings, sleep=self._sleep)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look again at once."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the piece of work at hand, then close; what is not done stays in the folder and goes on next time."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        if not self._thread.is_alive():
            self.platform.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work_off()
            except Exception as error:  # noqa: BLE001 - the worker outlives every piece of work; the queue has it still
                self.platform.provider.telemetry.fact("worker_failed", error=type(error).__name__)
            self._woken.wait(TICK_SECONDS)
            self._woken.clear()

    def _work_off(self) -> None:
        now = self.platform.provider.clock.now()
        if now >= self._next_minute:
            self._next_minute = now + MINUTE_MS
            self.platform.tick()
        self.platform.provider.workflows.fire_due(now)
        while not self._stopping.is_set() and self.platform.step():
            continue

    def _sleep(self, seconds: float) -> None:
        """A workflow's short pause, cut short by the end."""
        self._stopping.wait(seconds)
