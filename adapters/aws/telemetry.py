"""Facts as JSON lines, and one line of metrics for each invocation, in CloudWatch's embedded format (L1, L2).

A log line costs by its bytes and a metric by its combinations of dimensions, every month. So a metric has the stage as
its one dimension; the finer counts stand in the same line, where Logs Insights finds them and nobody is billed.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter
from typing import TextIO

from adapters.aws.settings import AwsSettings
from shared.ports.clock import Clock
from shared.ports.telemetry import Value, withhold

NAMESPACE = "SupportMax"
MOST_SERIES = 100
MOST_FACTS = 20  # an invocation's; what is more is counted
LOST = "telemetry_lost"
TAKEN = frozenset({"stage", "function", "by"})  # what a line of metrics says besides

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

Series = tuple[str, tuple[tuple[str, Value], ...]]


class AwsTelemetry:
    """The `telemetry` port on standard output, which Lambda carries to the log; the entry calls `flush` at the end."""

    def __init__(self, settings: AwsSettings, clock: Clock, *, out: TextIO | None = None) -> None:
        self._stage, self._function = settings.stage, settings.function
        self._clock, self._out = clock, out
        self._counting = threading.Lock()
        self._counts: Counter[Series] = Counter()
        self._facts = 0

    def fact(self, name: str, **fields: Value) -> None:
        """Write a line; what reads like text instead of a code is withheld (L1)."""
        with self._counting:
            self._facts += 1
            full = self._facts > MOST_FACTS
        if full or not self._write({"fact": name, "function": self._function, **_clean(fields)}):
            self.count(LOST)

    def count(self, name: str, value: int = 1, **dimensions: Value) -> None:
        """Add to a metric until the next `flush`; a count that is no number or has no legal name is lost (L2)."""
        series = (name, tuple(sorted(_clean(dimensions).items())))
        legal = _NAME.fullmatch(name) and name not in TAKEN and type(value) is int
        with self._counting:
            if legal and (series in self._counts or len(self._counts) < MOST_SERIES):
                self._counts[series] += value
            else:
                self._counts[LOST, ()] += 1

    def flush(self) -> None:
        """Write what was counted as one line and begin again at nothing; no line where nothing was counted."""
        with self._counting:
            counts, self._counts, self._facts = self._counts, Counter(), 0
        if counts:
            self._write(self._metrics(counts))

    def _metrics(self, counts: Counter[Series]) -> dict[str, object]:
        totals: Counter[str] = Counter()
        finer: dict[str, list[dict[str, Value]]] = {}
        for (name, dimensions), value in counts.items():
            totals[name] += value
            if dimensions:
                finer.setdefault(name, []).append({**dict(dimensions), "n": value})
        definition = {
            "Namespace": NAMESPACE,
            "Dimensions": [["stage"]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in totals],
        }
        about = {"Timestamp": self._clock.now(), "CloudWatchMetrics": [definition]}
        by = {"by": finer} if finer else {}
        return {"_aws": about, "stage": self._stage, "function": self._function, **by, **totals}

    def _write(self, line: dict[str, object]) -> bool:
        """Whether it was written: who reports must not fail because the report does (L2)."""
        try:
            print(json.dumps(line, separators=(",", ":")), file=self._out or sys.stdout, flush=True)
        except (OSError, TypeError, ValueError):
            return False
        return True


def _clean(fields: dict[str, Value]) -> dict[str, Value]:
    return {name: withhold(value) for name, value in fields.items()}
