"""The REST API behind API Gateway's HTTP API: the same front as on every provider, on this account's ports."""

from __future__ import annotations

import hmac
from importlib import import_module
from typing import Any

from adapters.aws.envelopes import Event, read_request
from adapters.aws.provider import AwsProvider
from shared.access.gate import Gate
from shared.dispatch import Application
from shared.errors import NotFound, PortError
from shared.settings import read_names

FRONT, BACKEND = "functions.api.front", "functions.api.backend"
ORIGIN = "SUPPORTMAX_ORIGIN_SECRET"  # names the secret that CloudFront proves itself with; unset: nothing stands before
HEADER = "x-origin-verify"
REFUSED = {"statusCode": 403, "headers": {"Content-Type": "application/json"}, "body": '{"error":"Forbidden"}'}


class Http:
    """The API of one function; `Prefer: wait` is not offered here, so an accepted message answers 202."""

    def __init__(self, app: Application, provider: AwsProvider, origin: str | None = None) -> None:
        self._provider = provider
        self._origin = read_names((), (ORIGIN,))[ORIGIN] if origin is None else origin
        gate = Gate(provider.records, provider.secrets, provider.tenants, provider.clock, provider.settings.tenant)
        self._api = import_module(FRONT).Api(
            import_module(BACKEND).Backend(
                call=app.call,
                records=provider.records,
                vault=app.vault,
                company=app.company,
                clock=provider.clock,
                ids=provider.ids,
                telemetry=provider.telemetry,
                identify=gate.identify,
                admit=gate.admit,
                probe=lambda: probe(provider),
                counts=dict,
                tenant=provider.settings.tenant,
            )
        )

    def answer(self, event: Event, context: Any) -> dict[str, Any]:
        """One request's answer; raises InvalidInput for what is no request."""
        request = read_request(event)
        if self._origin and not self._came_by_the_door(request["headers"].get(HEADER, "")):
            return dict(REFUSED)
        answer: dict[str, Any] = self._api.answer(request, context)
        return answer

    def _came_by_the_door(self, shown: str) -> bool:
        """Whether a request came through CloudFront, under either of two secrets while one is rotated out."""
        kept = self._provider.secrets.get(self._origin)
        return any([hmac.compare_digest(shown.encode(), each) for each in kept])


def probe(provider: AwsProvider) -> dict[str, Any]:
    """How the parts are: whether rows and secrets can be read."""
    return {"records": {"ok": _reads_rows(provider)}, "secrets": {"ok": _reads_secrets(provider)}}


def _reads_rows(provider: AwsProvider) -> bool:
    try:
        return provider.records.get("T|health|probe", "HEAD") is None
    except PortError:
        return False


def _reads_secrets(provider: AwsProvider) -> bool:
    """A secret that is not there has been looked for."""
    try:
        provider.secrets.get("api-key-pepper")
    except NotFound:
        return True
    except PortError:
        return False
    return True
