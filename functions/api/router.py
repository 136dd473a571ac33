"""The resolver that Lambda and every other entry use alike, made from the table of routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from functions.api.fields import describe_fields
from functions.api.refusals import Invalid, refuse
from functions.api.routes import ROUTES, Route, needs_key
from shared.access.strict_json import read_json
from shared.errors import NotFound, SupportMaxError

ALLOWED_HEADERS = ["Idempotency-Key", "Prefer"]
DESCRIPTION = "Customer support that acts under rules. Every error has the body that docs/api.md shows."


def build_resolver(now: Callable[[], int]) -> APIGatewayHttpResolver:
    """A resolver with every route; it keeps the request it works on, so it is asked one request at a time."""
    cors = CORSConfig(allow_headers=ALLOWED_HEADERS, max_age=600)
    resolver = APIGatewayHttpResolver(cors=cors, enable_validation=True, json_body_deserializer=read_json)
    for route in ROUTES:
        add_route(resolver, route)

    def answer_with(error: Exception, details: list[dict[str, Any]] | None = None) -> Response[str]:
        event = resolver.current_event
        made = refuse(error, event.path, event.request_context.request_id, now(), details)
        return Response(made["statusCode"], "application/json", made["body"], made["headers"])

    def answer_invalid(error: RequestValidationError) -> Response[str]:
        return answer_with(Invalid(), describe_fields(error.errors()))

    def answer_absent(error: NotFoundError) -> Response[str]:
        return answer_with(NotFound("no such route", field="path", action="see /docs"))

    answers = {SupportMaxError: answer_with, RequestValidationError: answer_invalid, NotFoundError: answer_absent}
    for kind, answer in answers.items():
        register = resolver.exception_handler(kind)
        register(answer)
    return resolver


def add_route(resolver: APIGatewayHttpResolver, route: Route) -> None:
    """One row of the table with what its description says."""
    security: list[dict[str, list[str]]] = [{"key": []}] if needs_key(route.path) else []
    register = resolver.route(
        route.path,
        route.method,
        tags=[route.resource],
        status_code=route.status,
        summary=route.summary,
        security=security,
    )
    register(route.answer)


def describe_api(resolver: APIGatewayHttpResolver) -> str:
    """The OpenAPI 3.1 description of every route, as JSON."""
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

    return resolver.get_openapi_json_schema(
        title="SupportMax Pro",
        version="1.0.0",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        security_schemes={"key": HTTPBearer()},
    )
