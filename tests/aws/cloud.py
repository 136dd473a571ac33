"""A deployment on moto in one process: the real functions, called as the services of AWS would call them."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.aws import moto_patches as patches
from tests.aws.envelopes import REGION, Context, failed_call, http_request, socket_event, stored_object
from tests.aws.hand_time import HandTime
from tests.aws.normalise import normalise
from tests.aws.rights import Watch, read_role, watch_clients
from tests.aws.sources import FunctionFailed, Queue, Source, Stream
from tests.aws.standing import make_aliases, make_secrets, make_senders
from tests.aws.wiring import (
    Mapped,
    Route,
    Stack,
    bucket_listeners,
    call_retries,
    find_route,
    function_in,
    mappings,
    routes,
    schedules,
)
from tests.builders.hours import wall
from tests.contract.aws_backend import quick_transactions

Json = Any
Function = Callable[[Any, Any], Any]
Open = Callable[[Mapping[str, str]], Function]  # an environment: the function that is deployed with it
Action = Callable[[], Any]
ACCOUNT = "123456789012"
NAME = "SUPPORTMAX_FUNCTION"  # what a function is called by the platform
MOST_ROUNDS = 300
START = wall("2026-11-16 10:00")  # a Monday
ENDPOINTS = {"dynamodbstreams": f"https://streams.dynamodb.{REGION}.amazonaws.com"}  # the one that moto knows


def failing(error: Exception) -> Action:
    """An action that makes the function fail."""

    def fail() -> None:
        raise error

    return fail


@dataclass(slots=True)
class Call:
    """An asynchronous call that waits; `failed` counts how often it was tried in vain."""

    function: str
    event: Json
    failed: int = 0


class MotoCloud:
    """The stacks of one region. Nothing happens by itself: `settle` lets everything happen that can happen now."""

    def __init__(self, opens: Open, time: HandTime) -> None:
        self.time, self._opens = time, opens
        self.watch = Watch()
        self.called: list[tuple[str, Json]] = []
        self._before: defaultdict[str, deque[Action]] = defaultdict(deque)
        self._after: defaultdict[str, deque[Action]] = defaultdict(deque)
        self.stacks: dict[str, Stack] = {}
        self._opened: dict[str, Function] = {}
        self._clients: dict[str, Any] = {}
        self._waiting: deque[Call] = deque()
        self._numbers = count(1)

    def client(self, service: str) -> Any:
        """A client of a service, for tests and for what pumps."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=REGION, endpoint_url=ENDPOINTS.get(service))
        return self._clients[service]

    def deploy(self, templates: Mapping[str, Mapping[str, Any]]) -> None:
        """Deploy templates in an order in which what is imported is there."""
        for name in sorted(templates, key=lambda name: "Fn::ImportValue" in json.dumps(templates[name])):
            formation, stack = self.client("cloudformation"), name.removesuffix(f"-{REGION}")
            formation.create_stack(StackName=stack, TemplateBody=json.dumps(normalise(templates[name])))
            found = formation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ())
            self.stacks[name] = Stack(templates[name], {each["OutputKey"]: each["OutputValue"] for each in found})
        self._names = {name: self.environment(name)[NAME] for name in self._functions()}
        every = tuple(self.stacks.values())
        make_aliases(self.client("lambda"), every)
        make_senders(self.client("sesv2"), every)
        self.shown_by_front = make_secrets(self.client("secretsmanager"), every)
        mapped = [each for stack in self.stacks.values() for each in mappings(stack)]
        self._sources = [self._source(each) for each in sorted(mapped, key=lambda each: ":sqs:" in each.source)]
        self._routes = tuple(each for stack in self.stacks.values() for each in routes(stack))
        self._retries = dict(each for stack in self.stacks.values() for each in call_retries(stack))

    def output(self, name: str) -> str:
        """An output of whichever stack has it."""
        return next(stack.outputs[name] for stack in self.stacks.values() if name in stack.outputs)

    def environments(self) -> dict[str, dict[str, str]]:
        """What each function is told, by the name that the platform gives it."""
        return {name: self.environment(function) for function, name in self._names.items()}

    def environment(self, function: str) -> dict[str, str]:
        """What a function is told."""
        return dict(self._configuration(function)["Environment"]["Variables"])

    def call(self, handler: str, event: Json) -> Json:
        """Call the function that is named after a handler, and wait for its answer; raises FunctionFailed."""
        return self.invoke(next(name for name, told in self._names.items() if told == handler), event)

    def run(self, function: str, event: Json) -> Json:
        """Run a function here; whatever calls it in AWS ends here, too."""
        name = self._names[function]
        self.called.append((name, event))
        self._act(self._before[name])
        if function not in self._opened:
            self.watch.roles[name] = read_role(self.client("iam"), self._configuration(function)["Role"])
            self._opened[function] = self._opens(self.environment(function))
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:live"
        with self.watch.running(name):
            answer = self._opened[function](event, Context(function, arn, f"i-{next(self._numbers)}", 10_000))
        self._act(self._after[name])
        return answer

    def before(self, handler: str, *actions: Action) -> None:
        """Let each action happen just before one of the next calls; where it raises, the function fails by that."""
        self._before[handler].extend(actions)

    def after(self, handler: str, *actions: Action) -> None:
        """The same, just after the function has done its work and before its caller hears of it."""
        self._after[handler].extend(actions)

    def calls_of(self, handler: str) -> list[Json]:
        """The events that a function was called with, oldest first."""
        return [event for function, event in self.called if function == handler]

    def invoke(self, function: str, event: Json) -> Json:
        """Call a function and wait for its answer, as the SDK does; raises FunctionFailed."""
        told = self.client("lambda").invoke(FunctionName=f"{function}:live", Payload=json.dumps(event))
        answer = json.loads(told["Payload"].read())
        if "FunctionError" in told:
            raise FunctionFailed(answer)
        return answer

    def deliver(self, arn: str, event: Json) -> None:
        """Leave an asynchronous call to the next round."""
        self._waiting.append(Call(function_in(arn), event))

    def settle(self) -> None:
        """Let everything happen that can happen now: streams, queues, calls and machines, until all is at rest."""
        for _ in range(MOST_ROUNDS):
            self.time.settle()
            if not any([self.look(), self._call_waiting()]):
                return
        raise AssertionError("the cloud comes to no rest")

    def look(self) -> bool:
        """Take what waits in streams and queues, as another worker does while a machine runs; whether anything did."""
        return any([source.take() for source in self._sources])

    def advance(self, seconds: float) -> None:
        """Let time pass, then let happen what that brings."""
        self.time.advance(seconds)
        self.settle()

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object into a bucket, which tells the functions that its template says."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        for stack in self.stacks.values():
            for function in bucket_listeners(stack, bucket):
                self._waiting.append(Call(function, stored_object(bucket, key, len(body))))

    def calm(self) -> None:
        """Stop every execution that runs or waits, and forget what was to happen before or after calls."""
        for actions in (*self._before.values(), *self._after.values()):
            actions.clear()
        machines = self.client("stepfunctions")
        for machine in machines.list_state_machines()["stateMachines"]:
            running = {"stateMachineArn": machine["stateMachineArn"], "statusFilter": "RUNNING"}
            for execution in machines.list_executions(**running)["executions"]:
                machines.stop_execution(executionArn=execution["executionArn"])
        self.time.release()

    def tick(self) -> None:
        """A minute begins: the schedules call their functions, timers fire, and all that follows happens."""
        for stack in self.stacks.values():
            for function, event in schedules(stack):
                self._waiting.append(Call(function, event))
        self.settle()

    def http(
        self,
        method: str,
        target: str,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        *,
        claims: Mapping[str, Any] | None = None,
        front: bool = True,
    ) -> Json:
        """A request at the HTTP API, answered as its client sees it; a closed route wants `claims`.

        It comes by the front, where the template has one, unless it is sent past it.
        """
        route = find_route(self._http_routes, method, target.split("?")[0])
        if route is None:
            return {"statusCode": 404, "headers": {}, "body": '{"message":"Not Found"}'}
        if route.closed and claims is None:
            return {"statusCode": 401, "headers": {}, "body": '{"message":"Unauthorized"}'}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        named = {"content-type": "application/json", **(headers or {}), **(self.shown_by_front if front else {})}
        event = http_request(route.key, method, target, text, named, claims if route.closed else None, self.now)
        return self.invoke(route.function, event)

    def socket(self, route: str, connection: str, body: Json = None, **query: str) -> Json:
        """Something happens on a WebSocket connection: `$connect`, `$disconnect` or a message."""
        found = next(each for each in self._routes if each.key == route and each not in self._http_routes)
        text = None if body is None else json.dumps(body)
        return self.invoke(found.function, socket_event(route, connection, text, query, self.now))

    @property
    def now(self) -> int:
        """Epoch milliseconds of this cloud's clock."""
        return START + round(self.time.passed * 1000)

    @property
    def _http_routes(self) -> tuple[Route, ...]:
        functions = {each.function for each in self._routes if each.key == "$connect"}
        return tuple(each for each in self._routes if each.function not in functions)

    def _configuration(self, function: str) -> Json:
        return self.client("lambda").get_function_configuration(FunctionName=function)

    def _functions(self) -> list[str]:
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        return [each["FunctionName"] for page in pages for each in page["Functions"]]

    def _act(self, actions: deque[Action]) -> None:
        if actions:
            actions.popleft()()

    def _source(self, mapped: Mapped) -> Source:
        service, kind = ("sqs", Queue) if ":sqs:" in mapped.source else ("dynamodbstreams", Stream)
        return kind(mapped, self.client(service), self.invoke)

    def _call_waiting(self) -> bool:
        waiting, self._waiting = self._waiting, deque()
        for call in waiting:
            try:
                self.invoke(call.function, call.event)
            except FunctionFailed as failure:
                call.failed += 1
                self._try_again(call, failure.args[0])
        return bool(waiting)

    def _try_again(self, call: Call, failure: Json) -> None:
        if call.failed <= self._retries.get(call.function, 0):
            self._waiting.append(call)
        elif call.function in self._retries:
            told = failed_call(call.function, call.event, failure, call.failed)
            self.client("sqs").send_message(QueueUrl=self.output("FailuresQueue"), MessageBody=json.dumps(told))


@contextmanager
def open_cloud(templates: Mapping[str, Mapping[str, Any]], opens: Open) -> Iterator[MotoCloud]:
    """Moto with every patch and the templates deployed; everything has ended when the block does."""
    time = HandTime()
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=patches.CONFIG), quick_transactions():
        cloud = MotoCloud(opens, time)
        patches.run_functions_here(patch, cloud.run)
        patches.put_machines_where_they_run(patch)
        patches.share_clients(patch)
        patches.parse_once(patch)
        patches.hold_time(patch, time)
        patches.count_machines(patch, time)
        patches.wake_once(patch)
        patches.reach_functions(patch, cloud.deliver)
        patches.age_queues(patch, time)
        watch_clients(patch, cloud.watch)
        cloud.deploy(templates)
        yield cloud
        cloud.calm()
        time.finish()
