"""Facts and counts as JSON lines in a bounded file (L1, L2)."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from shared.ports.clock import Clock
from shared.ports.telemetry import withhold

MAX_BYTES = 5_000_000
MAX_SERIES = 1000


Series = tuple[str, tuple[tuple[str, str], ...]]


class LocalTelemetry:
    """The `telemetry` port: `telemetry.jsonl` and the file before it, or nothing at all where `file` is None."""

    def __init__(self, file: Path | None, clock: Clock, *, max_bytes: int = MAX_BYTES) -> None:
        self._file, self._clock, self._max_bytes = file, clock, max_bytes
        self._writing = threading.Lock()
        self._totals: dict[Series, int] = {}
        self._lost = 0

    @property
    def lost(self) -> int:
        """How many facts could not be written."""
        return self._lost

    def fact(self, name: str, **fields: str | int | bool | None) -> None:
        """Append a fact; what reads like text instead of a code is withheld (L1)."""
        self._append({"fact": name, **{field: withhold(value) for field, value in fields.items()}})

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add to a metric, which `totals` tells and the file keeps."""
        clean = {field: str(withhold(dimension)) for field, dimension in sorted(dimensions.items())}
        series = (name, tuple(clean.items()))
        with self._writing:
            if series in self._totals or len(self._totals) < MAX_SERIES:
                self._totals[series] = self._totals.get(series, 0) + value
        self._append({"count": name, "value": value, **clean})

    def totals(self) -> dict[Series, int]:
        """What was counted since this process started, by name and dimensions."""
        with self._writing:
            return dict(self._totals)

    def _append(self, line: dict[str, object]) -> None:
        if self._file is None:
            return
        try:
            text = json.dumps({"at": self._clock.now(), **line}, separators=(",", ":")) + "\n"
            with self._writing:
                self._write(self._file, text.encode())
        except (OSError, TypeError, ValueError):
            self._lost += 1  # L2: who reports must not fail because the report does; `lost` tells

    def _write(self, file: Path, text: bytes) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            full = os.fstat(descriptor).st_size + len(text) > self._max_bytes
            os.write(descriptor, b"" if full else text)
        finally:
            os.close(descriptor)
        if full:
            os.replace(file, file.with_name(file.name + ".1"))
            self._write(file, text[: self._max_bytes])
