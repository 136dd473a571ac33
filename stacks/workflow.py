"""The two state machines, from the very files that every other engine runs."""

from __future__ import annotations

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from shared.workflow.definitions import MACHINES, handlers, source, substitute
from stacks.functions import Functions, log_group
from stacks.places import Place

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


def definition(machine: str, place: Place) -> str:
    """A workflow file with the ARNs of the functions that it calls."""
    return json.dumps(substitute(json.loads(source(machine)), place.function), ensure_ascii=False)


class Workflow(Construct):
    """Both machines of one region. Logs never hold what an execution carried."""

    def __init__(self, scope: Construct, place: Place, functions: Functions) -> None:
        super().__init__(scope, "Workflow")
        self.machines = {name: self._machine(name, place, functions) for name in MACHINES}

    def _machine(self, name: str, place: Place, functions: Functions) -> states.CfnStateMachine:
        scope = Construct(self, name.title())
        log = log_group(scope, place, f"/aws/vendedlogs/states/{place.named(name)}")
        express = name == "turn" and place.config.express
        machine = states.CfnStateMachine(
            scope,
            "Machine",
            state_machine_name=place.named(name),
            state_machine_type="EXPRESS" if express else "STANDARD",
            definition_string=definition(name, place),
            role_arn=_role(scope, name, place, traced=not express).role_arn,
            tracing_configuration={"enabled": not express},  # a trace would cost more than the execution
            logging_configuration={
                "level": "ERROR",
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log.log_group_arn}}],
            },
        )
        for handler in handlers(name):
            machine.node.add_dependency(functions.aliases[handler])
        return machine


def _role(scope: Construct, machine: str, place: Place, *, traced: bool) -> iam.Role:
    """May call the functions that the file names; delivering logs and traces knows no resource."""
    called = [place.function(handler) for handler in handlers(machine)]
    statements = [
        iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=called),
        iam.PolicyStatement(actions=[*LOG_DELIVERY, *(TRACING if traced else ())], resources=["*"]),
    ]
    return iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal(
            "states.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": place.config.account}}
        ),
        inline_policies={"calls": iam.PolicyDocument(statements=statements)},
    )
