"""The REST API behind API Gateway's HTTP API: the same front as on every provider, on this account's ports."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adapters.aws.door import Door
from adapters.aws.envelopes import Event, read_request
from adapters.aws.provider import AwsProvider
from adapters.aws.secrets import AwsSecrets
from shared.access.gate import Gate
from shared.dispatch import Application
from shared.errors import NotFound, PortError

FRONT, BACKEND = "functions.api.front", "functions.api.backend"
REFUSED = {"statusCode": 403, "headers": {"Content-Type": "application/json"}, "body": '{"error":"Forbidden"}'}


class Http:
    """The API of one function; `Prefer: wait` is not offered here, so an accepted message answers 202."""

    def __init__(self, app: Application, provider: AwsProvider) -> None:
        typed_in = AwsSecrets(provider.clients, provider.settings)
        self._door = Door(typed_in, provider.clock, provider.settings.origin_secret)
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
        if not self._door.lets_in(request["headers"]):
            return dict(REFUSED)
        answer: dict[str, Any] = self._api.answer(request, context)
        return answer


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
