"""The WebSocket API: live pushes to customers and operators."""

from __future__ import annotations

from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.api import throttle
from stacks.places import Place

ROUTES = ("$connect", "$default", "$disconnect")


class Socket(Construct):
    """The WebSocket API of one region; made before its function, which is told its address."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Socket")
        self._place = place
        self.api = gateway.CfnApi(
            self,
            "WebSocket",
            name=place.named("socket"),
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
        )
        self.url = f"wss://{self.api.ref}.execute-api.{place.region}.amazonaws.com/{place.config.stage}"

    def lead_to(self, function: lambda_.Alias) -> None:
        """Send every route to `function`; the function itself asks for a credential when somebody connects."""
        place = self._place
        integration = gateway.CfnIntegration(
            self,
            "Function",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=f"arn:aws:apigateway:{place.region}:lambda:path/2015-03-31/functions/"
            f"{function.function_arn}/invocations",
        )
        for route in ROUTES:
            gateway.CfnRoute(
                self,
                f"Route{route.strip('$').title()}",
                api_id=self.api.ref,
                route_key=route,
                target=f"integrations/{integration.ref}",
            )
        gateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name=place.config.stage,
            auto_deploy=True,
            default_route_settings=throttle(place),
        )
        function.add_permission(
            "Socket",
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=place.arn("execute-api", f"{self.api.ref}/*"),
        )
