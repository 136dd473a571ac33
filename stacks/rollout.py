"""How a new version goes live: a tenth of the calls first, and back where it alarms."""

from __future__ import annotations

from aws_cdk import CfnResource
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from shared.manifest import FUNCTIONS
from stacks.alarms import stopping
from stacks.functions import Functions
from stacks.places import Place

STEP = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
ROLL_BACK_ON = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM")


class Rollout(Construct):
    """A deployment group for each function; without it, as in dev, an alias moves at once."""

    def __init__(self, scope: Construct, place: Place, functions: Functions) -> None:
        super().__init__(scope, "Rollout")
        application = codedeploy.CfnApplication(
            self, "Application", application_name=place.named("functions"), compute_platform="Lambda"
        )
        role = self._role(place)
        for name, alias in functions.aliases.items():
            group = codedeploy.CfnDeploymentGroup(
                self,
                name,
                application_name=application.ref,
                deployment_group_name=place.named(name),
                service_role_arn=role.role_arn,
                deployment_config_name=STEP,
                deployment_style={
                    "deploymentType": "BLUE_GREEN",
                    "deploymentOption": "WITH_TRAFFIC_CONTROL",
                },
                alarm_configuration={
                    "enabled": True,
                    "alarms": [{"name": alarm} for alarm in stopping(place, name)],
                },
                auto_rollback_configuration={"enabled": True, "events": list(ROLL_BACK_ON)},
            )
            made = alias.node.default_child
            if isinstance(made, CfnResource):
                made.add_override(
                    "UpdatePolicy.CodeDeployLambdaAliasUpdate",
                    {"ApplicationName": {"Ref": _id(application)}, "DeploymentGroupName": {"Ref": _id(group)}},
                )

    def _role(self, place: Place) -> iam.Role:
        names = [function.name for function in FUNCTIONS]
        moves = iam.PolicyStatement(
            actions=["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
            resources=[place.arn("lambda", f"function:{place.named(name)}") for name in names],
        )
        looks = iam.PolicyStatement(
            actions=["cloudwatch:DescribeAlarms"],
            resources=[place.arn("cloudwatch", f"alarm:{alarm}") for name in names for alarm in stopping(place, name)],
        )
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            inline_policies={"move": iam.PolicyDocument(statements=[moves, looks])},
        )


def _id(resource: CfnResource) -> str:
    return resource.stack.get_logical_id(resource)
