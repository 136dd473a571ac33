"""What calls the functions that no workflow and no route calls: queue, streams, events and the minute."""

from __future__ import annotations

import json

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from shared.manifest import FUNCTIONS
from stacks.environment import MINUTE, subscribers
from stacks.functions import Functions
from stacks.messaging import SOURCE, Messaging
from stacks.places import Place

TURNS_A_POLL, RELAYS_A_POLL = 10, 100
RELAY_TRIES, RELAY_SECONDS, RELAY_AT_ONCE = 8, 6 * 3600, 4
EVENT_TRIES, EVENT_SECONDS = 8, 6 * 3600
# A written row that carries events; rows without any cost no call.
CARRIES_EVENTS = json.dumps({"dynamodb": {"NewImage": {"tells": {"S": [{"exists": True}]}}}})


class Triggers(Construct):
    """Queue mapping, stream mappings, rules and schedules of one region; `streams` are ARNs by their table's name."""

    def __init__(
        self, scope: Construct, place: Place, functions: Functions, messaging: Messaging, streams: dict[str, str]
    ) -> None:
        super().__init__(scope, "Triggers")
        self._place, self._functions, self._messaging = place, functions, messaging
        for function in FUNCTIONS:
            if function.trigger == "queue:turns":
                self._queue(function.name)
            if function.trigger == "stream":
                for table, stream in streams.items():
                    self._stream(function.name, table, stream)
        for subscriber, heard in subscribers().items():
            self._rule(subscriber, {"source": [SOURCE], "detail-type": list(heard)})
        self._minute()

    def _queue(self, name: str) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            "Turns",
            function_name=self._functions.aliases[name].function_arn,
            event_source_arn=self._messaging.turns.queue_arn,
            batch_size=TURNS_A_POLL,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximumConcurrency": self._place.config.rules.turns_at_once},
        )

    def _stream(self, name: str, table: str, stream: str) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            f"{table.title()}Stream",
            function_name=self._functions.aliases[name].function_arn,
            event_source_arn=stream,
            starting_position="TRIM_HORIZON",
            batch_size=RELAYS_A_POLL,
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=RELAY_TRIES,
            maximum_record_age_in_seconds=RELAY_SECONDS,
            parallelization_factor=RELAY_AT_ONCE,
            filter_criteria={"filters": [{"pattern": CARRIES_EVENTS}]},
            destination_config={"onFailure": {"destination": self._messaging.failures.queue_arn}},
        )

    def _rule(self, subscriber: str, pattern: dict[str, list[str]]) -> None:
        """A rule of a subscriber's own, so that a slow one holds up nobody else."""
        name, alias = self._place.named(subscriber), self._functions.aliases[subscriber]
        rule = events.CfnRule(
            self,
            f"Rule-{subscriber}",
            name=name,
            event_bus_name=self._messaging.bus.ref,
            event_pattern=pattern,
            targets=[
                {
                    "id": "function",
                    "arn": alias.function_arn,
                    "inputPath": "$.detail",
                    "retryPolicy": {
                        "maximumRetryAttempts": EVENT_TRIES,
                        "maximumEventAgeInSeconds": EVENT_SECONDS,
                    },
                    "deadLetterConfig": {"arn": self._messaging.failures.queue_arn},
                }
            ],
        )
        alias.add_permission("Bus", principal=iam.ServicePrincipal("events.amazonaws.com"), source_arn=rule.attr_arn)

    def _minute(self) -> None:
        """One schedule for everything that happens every minute, and the group that holds timers."""
        place, target = self._place, self._functions.aliases[MINUTE]
        scheduler.CfnScheduleGroup(self, "Timers", name=place.named("timers"))
        caller = iam.Role(
            self,
            "Caller",
            role_name=place.timer_role,
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": place.config.account}}
            ),
            inline_policies={
                "call": iam.PolicyDocument(
                    statements=[iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[target.function_arn])]
                )
            },
        )
        scheduler.CfnSchedule(
            self,
            "Minute",
            name=place.named("minute"),
            schedule_expression="rate(1 minute)",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": target.function_arn,
                "roleArn": caller.role_arn,
                "input": json.dumps({"minute": "<aws.scheduler.scheduled-time>"}),
                "retryPolicy": {"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60},  # the next minute looks too
            },
        )
