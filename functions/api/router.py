"""The table of routes, and the resolver that Lambda and every other entry use alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from functions.api import approvals, channels, conversations, handoffs, pages, refusals, tasks
from shared.access.strict_json import read_json
from shared.errors import NotFound, SupportMaxError

VERSION = "/api/v1"
ALLOWED_HEADERS = ["Idempotency-Key", "Prefer"]
OPEN = re.compile(rf"{VERSION}/channels/[^/]+/webhook")  # signed by its sender, so no key


@dataclass(frozen=True, slots=True)
class Route:
    """One row: the status is what a success answers."""

    method: str
    path: str
    answer: Callable[..., Any]
    status: int = 200


CONVERSATION = f"{VERSION}/conversations/<conversation_id>"
HANDOFF = f"{VERSION}/handoffs/<conversation_id>"

ROUTES = (
    Route("POST", f"{VERSION}/conversations", conversations.begin, 202),
    Route("POST", f"{CONVERSATION}/messages", conversations.write, 202),
    Route("GET", CONVERSATION, conversations.read),
    Route("GET", f"{CONVERSATION}/status", conversations.read_status),
    Route("POST", f"{CONVERSATION}/escalate", conversations.escalate),
    Route("POST", f"{CONVERSATION}/resolve", conversations.resolve),
    Route("POST", f"{CONVERSATION}/rate", conversations.rate),
    Route("GET", f"{VERSION}/tasks/<task_id>", tasks.read),
    Route("GET", f"{VERSION}/approvals", approvals.list_approvals),
    Route("POST", f"{VERSION}/approvals/<approval_id>", approvals.decide),
    Route("GET", f"{VERSION}/handoffs", handoffs.list_handoffs),
    Route("POST", f"{HANDOFF}/take", handoffs.take),
    Route("POST", f"{HANDOFF}/reply", handoffs.reply),
    Route("POST", f"{HANDOFF}/hand_back", handoffs.hand_back),
    Route("POST", f"{VERSION}/channels/email", channels.receive_email, 202),
    Route("POST", f"{VERSION}/channels/<source>/webhook", channels.receive_webhook),
    Route("GET", "/health", pages.health),
    Route("GET", "/health/live", pages.health),
    Route("GET", "/health/ready", pages.ready),
    Route("GET", "/health/detailed", pages.detailed),
    Route("GET", "/metrics", pages.metrics),
)  # fmt: skip


def build_resolver(now: Callable[[], int]) -> APIGatewayHttpResolver:
    """A resolver with every route; it keeps the request it works on, so it is asked one request at a time."""
    resolver = APIGatewayHttpResolver(
        cors=CORSConfig(allow_headers=ALLOWED_HEADERS, max_age=600),
        enable_validation=True,
        json_body_deserializer=read_json,
    )
    for route in ROUTES:
        tag = route.path.removeprefix(f"{VERSION}/").split("/")[0] if route.path.startswith(VERSION) else "platform"
        summary = (route.answer.__doc__ or "").split(";")[0].split("\n")[0]
        register = resolver.route(
            route.path, route.method, tags=[tag], status_code=route.status, summary=summary, security=_security(route)
        )
        register(route.answer)

    def answer_with(error: Exception, details: list[dict[str, Any]] | None = None) -> Response[str]:
        event = resolver.current_event
        made = refusals.refuse(error, event.path, event.request_context.request_id, now(), details)
        return Response(made["statusCode"], "application/json", made["body"], made["headers"])

    def answer_invalid(error: RequestValidationError) -> Response[str]:
        return answer_with(refusals.Invalid(), refusals.describe_fields(error.errors()))

    def answer_absent(error: NotFoundError) -> Response[str]:
        return answer_with(NotFound("no such route", field="path", action="see /docs"))

    answers = {SupportMaxError: answer_with, RequestValidationError: answer_invalid, NotFoundError: answer_absent}
    for kind, answer in answers.items():
        register = resolver.exception_handler(kind)
        register(answer)
    return resolver


def needs_key(path: str) -> bool:
    """Whether a path is for callers with a credential."""
    return path.startswith(f"{VERSION}/") and not OPEN.fullmatch(path)


def describe_api(resolver: APIGatewayHttpResolver) -> str:
    """The OpenAPI 3.1 description of every route, as JSON."""
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

    return resolver.get_openapi_json_schema(
        title="SupportMax Pro",
        version="1.0.0",
        openapi_version="3.1.0",
        description="Customer support that acts under rules. Errors all have the body of `Refusal` in docs/api.md.",
        security_schemes={"key": HTTPBearer()},
    )


def _security(route: Route) -> list[dict[str, list[str]]]:
    return [{"key": []}] if needs_key(route.path) else []
