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
    """Titles, statistics and lines, as they stand on the page."""
    turns, *others = (place.named(queue) for queue in ("turns", "turns-dead", "failures"))
    tables = ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "ThrottledRequests")
    age, visible = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    return [
        ("How long customers wait (s)", "Maximum", _lines("AWS/SQS", [age], "QueueName", [turns])),
        ("Turns and escalations", "Sum", _machines(place, "Succeeded", "Failed", "TimedOut")),
        ("Time of an execution (ms)", "p95", _machines(place, "Time")),
        ("Failures by function", "Sum", _functions(place, "Errors")),
        ("Time by function (ms)", "p95", _functions(place, "Duration")),
        ("Running at once", "Maximum", _functions(place, "ConcurrentExecutions")),
        ("Waiting messages", "Maximum", _lines("AWS/SQS", [visible], "QueueName", [turns, *others])),
        ("Needs attention", "Sum", _lines(NAMESPACE, OURS, "stage", [place.config.stage])),
        ("Records", "Sum", _lines("AWS/DynamoDB", tables, "TableName", [records])),
    ]


def _lines(namespace: str, metrics: Sequence[str], dimension: str, values: Sequence[str]) -> list[Line]:
    return [(namespace, metric, dimension, value) for value in values for metric in metrics]


def _functions(place: Place, metric: str) -> list[Line]:
    names = [place.named(function.name) for function in FUNCTIONS]
    return _lines("AWS/Lambda", [metric], "FunctionName", names)


def _machines(place: Place, *told: str) -> list[Line]:
    metrics = ["ExecutionTime" if each == "Time" else f"Executions{each}" for each in told]
    return _lines("AWS/States", metrics, "StateMachineArn", [place.machine(machine) for machine in MACHINES])


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
