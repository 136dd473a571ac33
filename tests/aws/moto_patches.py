"""What moto 5.2.5 cannot do by itself: each patch of its private names, small, and with a test of its own."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import boto3
import moto.sqs.models as queue_models
import moto.stepfunctions.models as machine_models
import pytest
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.exceptions import AWSError
from moto.core.utils import unix_time_millis
from moto.events.models import Rule
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeSuccess
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from tests.aws.hand_time import HandEvent, HandTime

Run = Callable[[str, Any], Any]  # a function's name and its event: its answer
Deliver = Callable[[str, Any], None]  # a function's ARN and an event that it is to be called with later

CONFIG: Any = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}


def run_functions_here(patch: pytest.MonkeyPatch, run: Run) -> None:
    """Moto answers a call of a function with its own event; this runs it, whoever calls, and one at a time.

    One at a time, because moto's tables check a condition and write in two steps.
    """
    one_at_a_time = threading.RLock()

    def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        given = json.loads(event) if isinstance(event, str) else event
        with one_at_a_time:
            try:
                return json.dumps(run(function.function_name, given)), False, ""
            except Exception as error:  # noqa: BLE001 - whatever it raises is its caller's to judge, as on Lambda
                return json.dumps(describe_failure(error)), True, ""

    patch.setattr(LambdaFunction, "_invoke_lambda", invoke)
    patch.setattr(LambdaSimpleBackend, "invoke", LambdaBackend.invoke)


def describe_failure(error: Exception) -> dict[str, Any]:
    """What Lambda answers for an exception."""
    trace = traceback.format_tb(error.__traceback__)
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}


def put_machines_where_they_run(patch: pytest.MonkeyPatch) -> None:
    """Machines that CloudFormation makes land in a backend that runs nothing; now in the one that interprets them."""
    patch.setattr(machine_models, "stepfunctions_backends", stepfunctions_parser_backends)


def share_clients(patch: pytest.MonkeyPatch) -> None:
    """The interpreter makes a client for every task, in threads, which boto3 does not allow; now one a service."""
    made: dict[str, Any] = {}
    making = threading.Lock()

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        with making:
            if service not in made:
                made[service] = boto3.client(service, region_name=region)
            return made[service]

    patch.setattr(lambda_eval_utils, "boto_client_for", client_for)


def parse_once(patch: pytest.MonkeyPatch) -> None:
    """A definition is parsed whenever an execution starts, which takes half of a turn's time; now once.

    What is parsed may serve many executions: they keep everything that changes in an environment of their own.
    """
    patch.setattr(AmazonStateLanguageParser, "parse", staticmethod(cache(AmazonStateLanguageParser.parse)))


def hold_time(patch: pytest.MonkeyPatch, time: HandTime) -> None:
    """Retries, waits, timeouts and tokens sleep in real time; now their time passes by hand."""
    patch.setattr(retrier_decl, "time", SimpleNamespace(sleep=time.pause))
    patch.setattr(WaitFunction, "_wait_interval", lambda state, env, wait_seconds: time.sleep(wait_seconds))
    patch.setattr(execute_state, "threading", SimpleNamespace(Event=partial(HandEvent, time)))
    patch.setattr(callback, "Event", partial(HandEvent, time, rests=True))


def count_machines(patch: pytest.MonkeyPatch, time: HandTime) -> None:
    """Nothing tells when an execution has come to its end, but asking again and again; now `time` knows."""
    start, terminated = Execution.start, BaseExecutionWorkerCommunication.terminated

    def begin(execution: Any) -> None:
        time.began()
        start(execution)

    def end(told: Any) -> None:
        terminated(told)
        time.ended()

    patch.setattr(Execution, "start", begin)
    patch.setattr(BaseExecutionWorkerCommunication, "terminated", end)


def wake_once(patch: pytest.MonkeyPatch) -> None:
    """A token that is answered, or whose time is over, is taken again; Step Functions raises TaskTimedOut."""

    def send_task_success(backend: Any, task_token: str, outcome: str) -> None:
        for execution in backend._get_executions():
            begun = execution.exec_worker.env  # None until its thread has made it
            waiting = begun and begun.callback_pool_manager.get(task_token)
            if waiting is None:
                continue
            if execution.status != "RUNNING" or waiting._notify_event.is_set():
                raise AWSError("Provided task does not exist anymore", "TaskTimedOut")
            waiting.notify(CallbackOutcomeSuccess(task_token, outcome))
            return
        raise InvalidToken

    patch.setattr(StepFunctionsParserBackend, "send_task_success", send_task_success)


def reach_functions(patch: pytest.MonkeyPatch, deliver: Deliver) -> None:
    """A rule whose target is a function raises NotImplementedError; now the function's call is left to `deliver`.

    Moto does not know InputPath either; here it may name a part, like `$.detail`.
    """
    send = Rule.send_to_targets

    def send_to_targets(rule: Any, event: Any, transform_input: bool = True) -> None:
        every = rule.targets
        functions = [target for target in every if target["Arn"].split(":")[2] == "lambda"]
        if functions and rule.event_pattern.matches_event(event):
            for target in functions:
                deliver(target["Arn"], _told(event, target.get("InputPath", "$")))
        rule.targets = [target for target in every if target not in functions]
        try:
            send(rule, event, transform_input)
        finally:
            rule.targets = every

    patch.setattr(Rule, "send_to_targets", send_to_targets)


def _told(event: Any, path: str) -> Any:
    told = json.loads(json.dumps(event, default=str))
    for part in path.split(".")[1:]:
        told = told[part]
    return told


def age_queues(patch: pytest.MonkeyPatch, time: HandTime) -> None:
    """Delays and hidden messages of a queue wait in real time; now they wait for the time that a test lets pass."""
    now = unix_time_millis
    patch.setattr(queue_models, "unix_time_millis", lambda *given: now(*given) + time.passed * 1000)
