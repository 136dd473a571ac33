"""The routes for probes and scrapers, which need no key."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Request, Response

from functions.api.backend import Backend
from functions.api.health import tell_details, tell_health, tell_metrics


def health(request: Request) -> dict[str, Any]:
    """Whether the process answers."""
    return tell_health(_backend(request))


def ready(request: Request) -> Response[dict[str, Any]]:
    """Whether every part works; 503 where one does not."""
    body, status = tell_details(_backend(request))
    return Response(status, "application/json", {key: body[key] for key in ("status", "timestamp")})


def detailed(request: Request) -> Response[dict[str, Any]]:
    """Every part and its state; 503 where one does not work."""
    body, status = tell_details(_backend(request))
    return Response(status, "application/json", body)


def metrics(request: Request) -> Response[str]:
    """What was counted, in Prometheus' text format."""
    return Response(200, "text/plain; version=0.0.4", tell_metrics(_backend(request).counts()))


def _backend(request: Request) -> Backend:
    backend: Backend = request.context["backend"]
    return backend
