"""The front of the API: what is checked before a route is looked for, and the waiting that a caller asked for."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import docs, refusals
from functions.api.caller import PERMISSIONS, Backend
from functions.api.replies import read_task
from functions.api.router import build_resolver, describe_api, needs_key
from shared.errors import InvalidInput, NotAuthenticated, SupportMaxError, TooLarge

__all__ = ["PERMISSIONS", "Api", "Backend", "Wait", "max_bytes", "read_body"]

LONGEST_WAIT = 25
MAX_JSON_BYTES = 64 * 1024
MAX_BYTES = {"/api/v1/channels/email": 10 * 1024 * 1024}
RAW = re.compile(r"/api/v1/channels/.+")
WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})')
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "1; mode=block",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Event = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """A caller who waits for a task, at most so many seconds."""

    tenant: str
    task: str
    seconds: int

    @property
    def conversation(self) -> str:
        return self.task.split(".")[0]


def max_bytes(path: str) -> int:
    """How long a body may be on a path."""
    return MAX_BYTES.get(path, MAX_JSON_BYTES * 16 if RAW.fullmatch(path) else MAX_JSON_BYTES)


class Api:
    """The REST API on one backend; events and answers are those of API Gateway's HTTP API, version 2."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._resolver = build_resolver(backend.clock.now)
        self._pages: dict[str, tuple[str, str]] = {}

    def answer(self, event: Event, context: LambdaContext) -> Answer:
        """One request's answer; errors are answers too. Not for two threads at once (see `build_resolver`)."""
        path = str(event["rawPath"])
        try:
            answer = self._page(path) or self._route(event, context, path)
        except SupportMaxError as error:
            answer = self._refuse(error, event)
        except Exception as error:  # noqa: BLE001 - a bug is answered as 500 and told by name, never shown
            self._backend.telemetry.fact("api_failed", path=path, error=type(error).__name__)
            answer = self._refuse(error, event)
        method, status = event["requestContext"]["http"]["method"], str(answer["statusCode"])
        self._backend.telemetry.count("api_requests_total", method=method, status=status)
        return self._dress(answer, event)

    def wait_of(self, event: Event, answer: Answer) -> Wait | None:
        """What the caller wants to wait for, where the answer is an accepted message."""
        wanted = WAIT.search(_header(event, "prefer"))
        if answer["statusCode"] != 202 or not wanted or not int(wanted[1]):
            return None
        accepted = json.loads(answer["body"])
        tenant = self._backend.identify(_bearer(event)).tenant
        return Wait(tenant, accepted["task_id"], min(LONGEST_WAIT, int(wanted[1])))

    def answer_waited(self, event: Event, wait: Wait) -> Answer | None:
        """The reply that was waited for, or None where there is none yet."""
        task = read_task(self._backend, wait.tenant, wait.task)
        if task["result"] is None:
            return None
        headers = {"Content-Type": "application/json", "Preference-Applied": f"wait={wait.seconds}"}
        return self._dress(refusals.response(200, task["result"], headers), event)

    def _route(self, event: Event, context: LambdaContext, path: str) -> Answer:
        _check_body(event, path)
        principal = None
        if needs_key(path) and event["requestContext"]["http"]["method"] != "OPTIONS":
            principal = self._backend.identify(_bearer(event))
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
        return refusals.response(200, body, {"Content-Type": kind})

    def _refuse(self, error: Exception, event: Event) -> Answer:
        request_id = event["requestContext"]["requestId"]
        return refusals.refuse(error, event["rawPath"], request_id, self._backend.clock.now())

    def _dress(self, answer: Answer, event: Event) -> Answer:
        headers = SECURITY_HEADERS | answer["headers"] | {"X-Request-Id": event["requestContext"]["requestId"]}
        if _header(event, "origin"):
            headers.setdefault("Access-Control-Allow-Origin", "*")
        return answer | {"headers": headers}


def _check_body(event: Event, path: str) -> None:
    """Size, kind and encoding, before anything reads it."""
    raw = read_body(event)
    if len(raw) > max_bytes(path):
        raise TooLarge(f"the body has {len(raw)} bytes, at most {max_bytes(path)}: send less")
    if not raw or RAW.fullmatch(path):
        return
    kind = _header(event, "content-type").split(";")[0].strip().lower()
    if kind not in ("", "application/json"):
        raise refusals.UnsupportedMedia(
            "the body is of another kind", field="content-type", limit="application/json", action="send JSON"
        )
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8", field="body", limit="UTF-8", action="encode it as UTF-8") from error


def read_body(event: Event) -> bytes:
    """The body's bytes; raises InvalidInput for one that is not what it says."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise InvalidInput("not base64", field="body", limit="base64", action="send it as it is") from error


def _bearer(event: Event) -> str:
    """The credential; raises NotAuthenticated where there is none."""
    scheme, _, credential = _header(event, "authorization").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise NotAuthenticated(
            "no credential", field="authorization", limit="Bearer <key>", action="send your API key as a bearer token"
        )
    return credential.strip()


def _header(event: Event, name: str) -> str:
    return str(event["headers"].get(name, ""))
