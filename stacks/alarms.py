"""What wakes somebody: alarms, and the topic that they tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from shared.manifest import API, FUNCTIONS, Function
from shared.workflow.definitions import MACHINES
from stacks.environment import MINUTE
from stacks.messaging import SOURCE
from stacks.places import Place

NAMESPACE = "SupportMax"  # of the platform's own metrics; their one dimension is the stage
TOLD_AT_ONCE = ("AlertRaised", "MessageParked", "SlaBreached")
OURS = ("messages_parked", "effects_unknown", "sla_breaches")
PERIOD_SECONDS, MOST_WAITING_SECONDS, NEAR_TIMEOUT = 300, 180, 0.8
MOST_FAILED_ANSWERS = 2  # a business system that is away for a moment is a 503, and no reason to roll back
DOOR = "api-5xx"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One metric and the value that it must not pass within five minutes; `least`: must reach, and no data is less."""

    name: str
    says: str
    namespace: str
    metric: str
    over: float
    dimensions: dict[str, str] = field(default_factory=dict)
    statistic: str = "Sum"
    least: bool = False


def wanted(place: Place, api: str = "") -> tuple[Alarm, ...]:
    """A stage's alarms; `api` is the id of its HTTP API.

    An alarm costs $0.10 a month for each metric, a composite one $0.50 and its parts besides. Dev, which may cost a
    dollar in all, therefore has one over all functions, and is told the rest by the rule, which costs nothing.
    """
    if place.config.rules.every_alarm:
        waiting = (*_about_queues(place), *_about_streams(place), *_about_machines(place), *_about_promises(place))
        return (_about_door(api), _about_minute(place), *waiting, *_about_functions(place))
    return (Alarm("failing", "A function of this region failed.", "AWS/Lambda", "Errors", 0),)


def of_function(function: Function, place: Place) -> tuple[Alarm, ...]:
    """Errors, throttles, and durations near the timeout."""
    name, at = function.name, {"FunctionName": place.named(function.name)}
    limit = int(function.seconds * 1000 * NEAR_TIMEOUT)
    return (
        Alarm(f"{name}-errors", f"{name} failed.", "AWS/Lambda", "Errors", 0, at),
        Alarm(f"{name}-throttles", f"{name} was not let run.", "AWS/Lambda", "Throttles", 0, at),
        Alarm(f"{name}-slow", f"{name} is near its timeout.", "AWS/Lambda", "Duration", limit, at, "p99"),
    )


def stopping(place: Place, function: str) -> tuple[str, ...]:
    """The names of the alarms that stop a deployment of a function; the API answers its errors and never raises."""
    return tuple(place.named(name) for name in (f"{function}-errors", *((DOOR,) if function == API else ())))


def _about_door(api: str) -> Alarm:
    says = "The API answers with errors of its own."
    return Alarm(DOOR, says, "AWS/ApiGateway", "5xx", MOST_FAILED_ANSWERS, {"ApiId": api})


def _about_minute(place: Place) -> Alarm:
    """Who never runs never fails: no other alarm tells that nobody looks at deadlines, effects and lost messages."""
    at = {"FunctionName": place.named(MINUTE)}
    return Alarm("minute-stopped", "Nothing runs every minute.", "AWS/Lambda", "Invocations", 1, at, least=True)


def _about_streams(place: Place) -> tuple[Alarm, ...]:
    """Both tables' streams are one metric of the function that reads them, in milliseconds."""
    says, most = "What was stored is not told on.", MOST_WAITING_SECONDS * 1000
    return tuple(
        Alarm(
            f"{function.name}-behind",
            says,
            "AWS/Lambda",
            "IteratorAge",
            most,
            {"FunctionName": place.named(function.name)},
            "Maximum",
        )
        for function in FUNCTIONS
        if function.trigger == "stream"
    )


def _about_functions(place: Place) -> tuple[Alarm, ...]:
    return tuple(alarm for function in FUNCTIONS for alarm in of_function(function, place))


def _about_queues(place: Place) -> tuple[Alarm, ...]:
    return (
        _waiting(place),
        _filled(place, "turns-dead", "A conversation's message could not be processed."),
        _filled(place, "failures", "An event or a call was given up."),
    )


def _about_machines(place: Place) -> tuple[Alarm, ...]:
    return tuple(
        Alarm(
            f"{machine}-{metric}",
            f"An execution of {machine} ended badly.",
            "AWS/States",
            metric,
            0,
            {"StateMachineArn": place.machine(machine)},
        )
        for machine in MACHINES
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    )


def _about_promises(place: Place) -> tuple[Alarm, ...]:
    at = {"stage": place.config.stage}
    return tuple(Alarm(metric, f"{metric} > 0.", NAMESPACE, metric, 0, at) for metric in OURS)


def _waiting(place: Place) -> Alarm:
    """Also tells of what fails and is tried again: five tries take longer than this."""
    at = {"QueueName": place.named("turns")}
    says = "Customers wait for their turn."
    return Alarm("turns-waiting", says, "AWS/SQS", "ApproximateAgeOfOldestMessage", MOST_WAITING_SECONDS, at, "Maximum")


def _filled(place: Place, queue: str, says: str) -> Alarm:
    at = {"QueueName": place.named(queue)}
    return Alarm(f"{queue}-filled", says, "AWS/SQS", "ApproximateNumberOfMessagesVisible", 0, at, "Maximum")


class Alarms(Construct):
    """The alarms of one region and whom they tell."""

    def __init__(self, scope: Construct, place: Place, bus: events.CfnEventBus, api: str) -> None:
        super().__init__(scope, "Alarms")
        self._topic = sns.Topic(self, "Topic", topic_name=place.named("alarms"), enforce_ssl=True)
        self._let_in(place)
        if place.config.alarm_mail:
            self._topic.add_subscription(subscriptions.EmailSubscription(place.config.alarm_mail))
        for alarm in wanted(place, api):
            self._alarm(place, alarm)
        events.CfnRule(
            self,
            "Attention",
            name=place.named("attention"),
            description="What needs a person, at once and with its tenant and conversation",
            event_bus_name=bus.ref,
            event_pattern={"source": [SOURCE], "detail-type": list(TOLD_AT_ONCE)},
            targets=[{"id": "people", "arn": self._topic.topic_arn, "inputPath": "$.detail"}],
        )

    def _let_in(self, place: Place) -> None:
        """A policy of one's own, as for TLS, replaces the one by which the account's alarms may speak."""
        self._topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"{name}.amazonaws.com") for name in ("cloudwatch", "events")],
                actions=["sns:Publish"],
                resources=[self._topic.topic_arn],
                conditions={
                    "ArnLike": {
                        "aws:SourceArn": [
                            place.arn("cloudwatch", f"alarm:{place.named('*')}"),
                            place.arn("events", f"rule/{place.bus}/{place.named('attention')}"),
                        ]
                    }
                },
            )
        )

    def _alarm(self, place: Place, alarm: Alarm) -> None:
        cloudwatch.CfnAlarm(
            self,
            alarm.name,
            alarm_name=place.named(alarm.name),
            alarm_description=alarm.says,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=[{"name": name, "value": value} for name, value in alarm.dimensions.items()],
            comparison_operator="LessThanThreshold" if alarm.least else "GreaterThanThreshold",
            threshold=alarm.over,
            period=PERIOD_SECONDS,
            evaluation_periods=1,
            treat_missing_data="breaching" if alarm.least else "notBreaching",
            alarm_actions=[self._topic.topic_arn],
            ok_actions=[self._topic.topic_arn],
            statistic=None if alarm.statistic.startswith("p") else alarm.statistic,
            extended_statistic=alarm.statistic if alarm.statistic.startswith("p") else None,
        )
