"""Health for probes, and what was counted for Prometheus."""

from __future__ import annotations

import re
from typing import Any

from functions.api.backend import Backend, Counts
from functions.api.responses import as_time

NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_]")


def tell_health(backend: Backend) -> dict[str, Any]:
    """That it runs, and since when it was asked."""
    return {"status": "healthy", "timestamp": as_time(backend.clock.now())}


def tell_details(backend: Backend) -> tuple[dict[str, Any], int]:
    """Every part with its state; 503 where one does not work."""
    parts = backend.probe()
    healthy = all(part.get("ok", True) for part in parts.values())
    body = {"status": "healthy" if healthy else "unhealthy", "timestamp": as_time(backend.clock.now()), "parts": parts}
    return body, 200 if healthy else 503


def tell_metrics(counts: Counts) -> str:
    """The counts in Prometheus' text format, by name."""
    lines: list[str] = []
    told = ""
    for (name, dimensions), value in sorted(counts.items()):
        metric = NOT_A_NAME.sub("_", name)
        if metric != told:
            lines.append(f"# TYPE {metric} counter")
            told = metric
        labels = ",".join(f'{NOT_A_NAME.sub("_", key)}="{_escape(each)}"' for key, each in dimensions)
        lines.append(f"{metric}{{{labels}}} {value}" if labels else f"{metric} {value}")
    return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
