"""What waits and what is told: the turns queue, the queue of failures, and the bus."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared.manifest import FUNCTIONS
from stacks.places import Place

SOURCE = "supportmax"
RETENTION = Duration.days(14)
MOST_RECEIVES = 5
TURN_SECONDS = max(function.seconds for function in FUNCTIONS if function.trigger == "queue:turns")


class Messaging(Construct):
    """Queues and bus of one region."""

    def __init__(self, scope: Construct, place: Place) -> None:
        super().__init__(scope, "Messaging")
        self._place = place
        self.turns_dead = self._queue("turns-dead")
        self.turns = self._queue(
            "turns",
            visibility_timeout=Duration.seconds(6 * TURN_SECONDS),  # as AWS asks: all the tries of one poll fit in
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.turns_dead, max_receive_count=MOST_RECEIVES),
        )
        self.failures = self._queue("failures")  # events and calls that nobody could take, of every kind
        self.failures.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.failures.queue_arn],
                conditions={
                    "ArnLike": {
                        "aws:SourceArn": [place.arn("events", f"rule/{place.bus}{rules}") for rules in ("/*", "-*")]
                    }
                },
            )
        )
        self.bus = events.CfnEventBus(self, "Bus", name=place.bus)
        if place.config.rules.archive_days:
            events.CfnArchive(
                self,
                "Archive",
                source_arn=self.bus.attr_arn,
                retention_days=place.config.rules.archive_days,
                event_pattern={"source": [SOURCE]},
            )

    def _queue(
        self,
        name: str,
        *,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            name.title().replace("-", ""),
            queue_name=self._place.named(name),
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
        )
