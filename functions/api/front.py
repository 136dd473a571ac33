"""The front of the API: one request in, one answer out, whatever happens between."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import docs
from functions.api.backend import Backend
from functions.api.refusals import refuse
from functions.api.requests import Event, check_body, method_of, read_header
from functions.api.responses import SECURITY_HEADERS, make_response
from functions.api.router import build_resolver, describe_api
from functions.api.routes import needs_key
from functions.api.tasks import read_task
from functions.api.waiting import Wait, read_wait
from shared.errors import SupportMaxError

Answer = dict[str, Any]


class Api:
    """The REST API on one backend; events and answers are those of API Gateway's HTTP API, version 2."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._resolver = build_resolver(backend.clock.now)
        self._pages: dict[str, tuple[str, str]] = {}

    def answer(self, event: Event, context: LambdaContext) -> Answer:
        """One request's answer; errors are answers too. Not for two threads at once (see `build_resolver`)."""
        path = event["rawPath"]
        try:
            answer = self._page(path) or self._route(event, context, path)
        except SupportMaxError as error:
            answer = self._refuse(error, event)
        except Exception as error:  # noqa: BLE001 - a bug is answered as 500 and told by name, never shown
            self._backend.telemetry.fact("api_failed", path=path, error=type(error).__name__)
            answer = self._refuse(error, event)
        self._backend.telemetry.count("api_requests_total", method=method_of(event), status=str(answer["statusCode"]))
        return _dress(answer, event)

    def wait_of(self, event: Event, answer: Answer) -> Wait | None:
        return read_wait(self._backend, event, answer)

    def answer_waited(self, event: Event, wait: Wait) -> Answer | None:
        """The reply that was waited for, or None where there is none yet; any thread may ask."""
        task = read_task(self._backend, wait.tenant, wait.task)
        if task["result"] is None:
            return None
        headers = {"Content-Type": "application/json", "Preference-Applied": f"wait={wait.seconds}"}
        return _dress(make_response(200, task["result"], headers), event)

    def _route(self, event: Event, context: LambdaContext, path: str) -> Answer:
        check_body(event, path)
        keyed = needs_key(path) and method_of(event) != "OPTIONS"
        principal = self._backend.identify(event) if keyed else None
        self._backend.admit(principal, path)
        self._resolver.context.update(backend=self._backend, principal=principal)
        return self._resolver.resolve(event, context)

    def _page(self, path: str) -> Answer | None:
        """The description of the API, made when it is first asked for."""
        if path not in docs.PAGES:
            return None
        if path not in self._pages:
            self._pages[path] = docs.make_page(path, describe_api(self._resolver))
        kind, body = self._pages[path]
        return make_response(200, body, {"Content-Type": kind})

    def _refuse(self, error: Exception, event: Event) -> Answer:
        return refuse(error, event["rawPath"], event["requestContext"]["requestId"], self._backend.clock.now())


def _dress(answer: Answer, event: Event) -> Answer:
    headers = SECURITY_HEADERS | answer["headers"] | {"X-Request-Id": event["requestContext"]["requestId"]}
    if read_header(event, "origin"):
        headers.setdefault("Access-Control-Allow-Origin", "*")
    return answer | {"headers": headers}
