"""The HTTP API: everything goes to one function; operators' routes ask for a token before that."""

from __future__ import annotations

import json

from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.functions import log_group
from stacks.identity import Issuer
from stacks.places import Place

# Routes that only people take. Each method by name: ANY would ask the browser's preflight for a token, too.
OPERATOR_ROUTES = (
    "GET /api/v1/approvals",
    "POST /api/v1/approvals/{proxy+}",
    "GET /api/v1/handoffs",
    "POST /api/v1/handoffs/{proxy+}",
)
MOST_SECONDS = 29
ALLOWED_HEADERS = ("authorization", "content-type", "idempotency-key", "x-request-id")
# What a line of the access log says: no query, no header, no address, because those are about people.
LOGGED = {
    "request": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.messageString",
}


class Api(Construct):
    """The HTTP API of one region, its default stage, routes, throttle and access log."""

    def __init__(self, scope: Construct, place: Place, function: lambda_.Alias, issuer: Issuer) -> None:
        super().__init__(scope, "Api")
        self.api = gateway.CfnApi(
            self,
            "Http",
            name=place.named("api"),
            protocol_type="HTTP",
            cors_configuration=_cors(place) if place.config.cors else None,
        )
        self.url = f"https://{self.api.ref}.execute-api.{place.region}.amazonaws.com"
        integration = gateway.CfnIntegration(
            self,
            "Function",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
            timeout_in_millis=MOST_SECONDS * 1000,
        )
        self._routes(f"integrations/{integration.ref}", issuer)
        gateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=throttle(place),
            access_log_settings={
                "destinationArn": log_group(self, place, f"/aws/vendedlogs/{place.named('api')}").log_group_arn,
                "format": json.dumps(LOGGED),
            },
        )
        function.add_permission(
            "Http",
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=place.arn("execute-api", f"{self.api.ref}/*"),
        )

    def _routes(self, target: str, issuer: Issuer) -> None:
        authorizer = gateway.CfnAuthorizer(
            self,
            "Tokens",
            api_id=self.api.ref,
            name="operators",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration={"issuer": issuer.url, "audience": issuer.audience},
        )
        gateway.CfnRoute(self, "Default", api_id=self.api.ref, route_key="$default", target=target)
        for route in OPERATOR_ROUTES:
            gateway.CfnRoute(
                self,
                route.replace("/{proxy+}", "/one").replace("/", "-").replace(" ", ""),
                api_id=self.api.ref,
                route_key=route,
                target=target,
                authorization_type="JWT",
                authorizer_id=authorizer.ref,
            )


def throttle(place: Place) -> dict[str, int]:
    """Requests a second, and how many may come at once."""
    rate = place.config.rules.request_rate
    return {"throttlingRateLimit": rate, "throttlingBurstLimit": 2 * rate}


def _cors(place: Place) -> dict[str, list[str] | int]:
    return {
        "allowOrigins": list(place.config.cors),
        "allowMethods": ["GET", "POST", "OPTIONS"],
        "allowHeaders": list(ALLOWED_HEADERS),
        "maxAge": 3600,
    }
