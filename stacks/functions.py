"""The Lambda functions: one for each row of FUNCTIONS, each with a role, a log and an alias of its own."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from shared.manifest import FUNCTIONS, Function
from stacks.code import code_of
from stacks.environment import environment
from stacks.permissions import ASYNCHRONOUS, grants_of, policy
from stacks.places import ALIAS, Place

HANDLER = "adapters.aws.entry.handle"
RUNTIME = lambda_.Runtime.PYTHON_3_11  # the minor version that the shipped .pyc files are for
MEMORY = 512  # MB; a third of a processor, so that a cold start stays under two seconds
MEMORY_BY_TRIGGER = {"http": 1024, "minute": 256}
# Executions set aside in a stage that reserves: the API cannot starve turns, nor one subscriber the others.
RESERVED = {"http": 200, "socket": 50, "event": 50, "mail": 20, "receipt": 10, "minute": 2}
ASYNC_RETRIES, ASYNC_SECONDS = 2, 6 * 3600
LOG_DAYS = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    90: logs.RetentionDays.THREE_MONTHS,
}


class Functions(Construct):
    """Every function of one region; `aliases` are what is called, by the function's name."""

    def __init__(
        self, scope: Construct, place: Place, told: dict[str, str], resources: dict[str, tuple[str, ...]], failures: str
    ) -> None:
        super().__init__(scope, "Functions")
        self._place, self._told, self._resources, self._failures = place, told, resources, failures
        self.aliases: dict[str, lambda_.Alias] = {}
        for function in FUNCTIONS:
            self.aliases[function.name] = self._function(Construct(self, _title(function.name)), function)

    def _function(self, scope: Construct, function: Function) -> lambda_.Alias:
        place, name = self._place, self._place.named(function.name)
        log = log_group(scope, place, f"/aws/lambda/{name}")
        made = lambda_.Function(
            scope,
            "Function",
            function_name=name,
            description=f"{function.trigger}: {', '.join(handler.name for handler in function.handlers)}"[:256],
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            handler=HANDLER,
            code=code_of(place.config, function.name),
            memory_size=MEMORY_BY_TRIGGER.get(function.trigger, MEMORY),
            timeout=Duration.seconds(function.seconds),
            reserved_concurrent_executions=RESERVED.get(function.trigger) if place.config.rules.reserve else None,
            environment=environment(function, self._told),
            role=self._role(scope, function, log),
            log_group=log,
            # Lambda's three lines about every call would be most of the log; what goes wrong is a warning.
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
        )
        alias = lambda_.Alias(scope, "Alias", alias_name=ALIAS, version=made.current_version)
        if function.trigger in ASYNCHRONOUS:
            self._failing(scope, name, alias)
        return alias

    def _role(self, scope: Construct, function: Function, log: logs.LogGroup) -> iam.IRole:
        """A role with exactly what the manifest implies; nothing that is wired later adds to it."""
        resources = {**self._resources, "own logs": (log.log_group_arn,)}
        role = iam.Role(
            scope,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"ports": policy(grants_of(function), resources)},
        )
        return role.without_policy_updates()

    def _failing(self, scope: Construct, name: str, alias: lambda_.Alias) -> None:
        """Where an asynchronous call goes that failed for good."""
        lambda_.CfnEventInvokeConfig(
            scope,
            "Failing",
            function_name=name,
            qualifier=ALIAS,
            maximum_retry_attempts=ASYNC_RETRIES,
            maximum_event_age_in_seconds=ASYNC_SECONDS,
            destination_config={"onFailure": {"destination": self._failures}},
        ).node.add_dependency(alias)


def log_group(scope: Construct, place: Place, name: str) -> logs.LogGroup:
    """A log with the stage's retention, made before anything writes to it."""
    return logs.LogGroup(
        scope,
        "Log",
        log_group_name=name,
        retention=LOG_DAYS[place.config.rules.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )


def _title(name: str) -> str:
    return "".join(part.title() for part in name.replace("_", ".").split("."))
