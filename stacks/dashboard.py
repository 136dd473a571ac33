"""One page of figures: customers' wait, turns, failures, and what it writes and reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from shared.manifest import FUNCTIONS
from shared.workflow.definitions import MACHINES
from stacks.alarms import NAMESPACE, OURS
from stacks.places import Place

WIDTH, HEIGHT, ACROSS = 12, 6, 2
Line = Sequence[str]  # namespace, metric, then dimensions by name and value


class Dashboard(Construct):
    """The dashboard of one region."""

    def __init__(self, scope: Construct, place: Place, records: str) -> None:
        super().__init__(scope, "Dashboard")
        widgets = [
            _widget(place, number, title, statistic, lines)
            for number, (title, statistic, lines) in enumerate(_graphs(place, records))
        ]
        cloudwatch.CfnDashboard(
            self,
            "Page",
            dashboard_name=f"{place.named('platform')}-{place.region}",
            dashboard_body=json.dumps({"widgets": widgets}),
        )


def _graphs(place: Place, records: str) -> list[tuple[str, str, list[Line]]]:
    names = [place.named(function.name) for function in FUNCTIONS]
    queues = [place.named(queue) for queue in ("turns", "turns-dead", "failures")]
    machines = [place.machine(machine) for machine in MACHINES]
    tables = ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "ThrottledRequests")
    ended = ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
    return [
        ("How long customers wait (s)", "Maximum", [_queue("ApproximateAgeOfOldestMessage", queues[0])]),
        ("Turns and escalations", "Sum", [_machine(metric, arn) for arn in machines for metric in ended]),
        ("Time of an execution (ms)", "p95", [_machine("ExecutionTime", arn) for arn in machines]),
        ("Failures by function", "Sum", [_function("Errors", name) for name in names]),
        ("Time by function (ms)", "p95", [_function("Duration", name) for name in names]),
        ("Running at once", "Maximum", [_function("ConcurrentExecutions", name) for name in names]),
        ("Waiting messages", "Maximum", [_queue("ApproximateNumberOfMessagesVisible", queue) for queue in queues]),
        ("Needs attention", "Sum", [(NAMESPACE, metric, "stage", place.config.stage) for metric in OURS]),
        ("Records", "Sum", [("AWS/DynamoDB", metric, "TableName", records) for metric in tables]),
    ]


def _function(metric: str, name: str) -> Line:
    return ("AWS/Lambda", metric, "FunctionName", name)


def _queue(metric: str, name: str) -> Line:
    return ("AWS/SQS", metric, "QueueName", name)


def _machine(metric: str, arn: str) -> Line:
    return ("AWS/States", metric, "StateMachineArn", arn)


def _widget(place: Place, number: int, title: str, statistic: str, lines: list[Line]) -> dict[str, Any]:
    properties = {"title": title, "region": place.region, "stat": statistic, "period": 300, "metrics": lines}
    row, column = divmod(number, ACROSS)
    return {
        "type": "metric",
        "x": column * WIDTH,
        "y": row * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": properties,
    }
