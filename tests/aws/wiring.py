"""What wires a deployment together, read from its templates and from what CloudFormation resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws.normalise import WIRES, at

Json = Any
(LISTENER,) = WIRES["AWS::S3::Bucket"]
_FUNCTION = re.compile(r"function:([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event source mapping: a queue or a stream that a function consumes."""

    source: str
    function: str
    batch: int
    partial: bool
    retries: int
    filters: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an HTTP or WebSocket API; `closed` ones want a token."""

    key: str
    function: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed template and its outputs."""

    template: Mapping[str, Any]
    outputs: Mapping[str, str]

    def of(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Logical id and properties of each resource of a type."""
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def told(self, name: str, path: str) -> str:
        """A property of a wire as CloudFormation resolved it."""
        return self.outputs[name + path.replace(".", "")]

    def function_at(self, name: str, path: str) -> str:
        """The name of the function whose ARN stands there."""
        return function_in(self.told(name, path))


def function_in(arn: str) -> str:
    """The name in any text that holds a function's ARN, or the text where it holds none."""
    found = _FUNCTION.search(arn)
    return found[1] if found else arn


def mappings(stack: Stack) -> Iterator[Mapped]:
    """Every event source mapping of a stack."""
    for name, given in stack.of("AWS::Lambda::EventSourceMapping"):
        patterns = (each["Pattern"] for each in given.get("FilterCriteria", {}).get("Filters", ()))
        yield Mapped(
            source=stack.told(name, "EventSourceArn"),
            function=stack.function_at(name, "FunctionName"),
            batch=given.get("BatchSize", 10),
            partial="ReportBatchItemFailures" in given.get("FunctionResponseTypes", ()),
            retries=given.get("MaximumRetryAttempts", -1),
            filters=tuple(json.loads(pattern) for pattern in patterns),
        )


def routes(stack: Stack) -> Iterator[Route]:
    """Every route of the stack's APIs."""
    for _, given in stack.of("AWS::ApiGatewayV2::Route"):
        integration = at(given, "Target.Fn::Join")[1][1]["Ref"]
        function = stack.function_at(integration, "IntegrationUri")
        yield Route(given["RouteKey"], function, given.get("AuthorizationType") == "JWT")


def find_route(table: tuple[Route, ...], method: str, path: str) -> Route | None:
    """The most specific HTTP route: an exact one, then the longest greedy one, then the default."""

    def fits(key: str) -> bool:
        greedy = key.removesuffix("{proxy+}")
        wanted = f"{method} {path}"
        return key in (wanted, "$default") or (greedy != key and wanted.startswith(greedy) and wanted != greedy)

    return max((each for each in table if fits(each.key)), key=_weight, default=None)


def _weight(route: Route) -> int:
    return 0 if route.key == "$default" else len(route.key)


def schedules(stack: Stack) -> Iterator[tuple[str, Json]]:
    """The function and the input of every schedule that repeats."""
    for name, given in stack.of("AWS::Scheduler::Schedule"):
        yield stack.function_at(name, "Target.Arn"), json.loads(given["Target"].get("Input", "{}"))


def bucket_listeners(stack: Stack, bucket: str) -> Iterator[str]:
    """The functions that are told of objects that are put into a bucket."""
    for name, given in stack.of("AWS::S3::Bucket"):
        if given.get("BucketName") == bucket:
            yield stack.function_at(name, LISTENER)


def front_headers(stack: Stack) -> Iterator[tuple[str, str]]:
    """The headers that a distribution adds to what it hands on, and the secrets whose values they are."""
    for _, given in stack.of("AWS::CloudFront::Distribution"):
        for origin in given["DistributionConfig"]["Origins"]:
            for header in origin.get("OriginCustomHeaders", ()):
                yield header["HeaderName"], header["HeaderValue"].split(":")[2]


def call_retries(stack: Stack) -> Iterator[tuple[str, int]]:
    """How often an asynchronous call of a function is tried again, by the function's name."""
    for _, given in stack.of("AWS::Lambda::EventInvokeConfig"):
        yield given["FunctionName"], given["MaximumRetryAttempts"]


def matches(pattern: Json, value: Json) -> bool:
    """Whether a filter takes a record; of a list, any element may match, as in EventBridge's rules."""
    if isinstance(value, list):
        return any(matches(pattern, each) for each in value)
    if isinstance(pattern, dict):
        return all(matches(rule, value.get(key) if isinstance(value, dict) else None) for key, rule in pattern.items())
    return any(value is not None if rule == {"exists": True} else value == rule for rule in pattern)
