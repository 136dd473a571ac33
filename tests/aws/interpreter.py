"""Plays definitions with scripted answers on moto's interpreter of States Language."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.aws import moto_patches as patches
from tests.aws.hand_time import HandTime
from tests.workflow.playing import NAME
from tests.workflow.scenario import ECHO, TIMES_OUT, Raises

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/any"
TRUST = json.dumps({"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
AN_HOUR = 3_600.0
PAGE = "escalation.page"


@dataclass(frozen=True, slots=True)
class Played:
    """How an execution ended: its output or its error's name, its tasks, and the seconds that it waited, ascending."""

    status: str
    result: Any
    tasks: Counter[str]
    waits: tuple[int, ...]


@dataclass
class Interpreter:
    """Machines on moto; their functions answer by `answers`, each in turn, the last one again and again."""

    machines: Any
    functions: Any
    time: HandTime
    answers: dict[str, list[Any]] = field(default_factory=dict)
    tasks: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def play(self, definition: dict[str, Any], payload: Any, answers: dict[str, list[Any]]) -> Played:
        """Run a definition, whose resources are plain handler names, to its end."""
        self.answers, self.tasks = answers, Counter()
        self.time.pauses.clear()
        execution = self._start(definition, payload)
        while (found := self._look(execution))["status"] == "RUNNING":
            self._go_on()
        failed = found["status"] == "FAILED"
        result = found["error"] if failed else self._output(execution)
        waits = tuple(sorted(round(each) for each in self.time.pauses))
        return Played("failed" if failed else "succeeded", result, self.tasks, waits)

    def run(self, function: str, event: Any) -> Any:
        """A function is called: answer by the script."""
        handler = function.replace("-", ".")
        answers = self.answers[handler]
        answer = answers[min(self.tasks[handler], len(answers) - 1)]
        self.tasks[handler] += 1
        if isinstance(answer, Raises) and answer != TIMES_OUT:
            raise type(answer.error, (Exception,), {})
        if handler == PAGE:
            self.asked.append((event["token"], answer))
            return None
        if answer == TIMES_OUT:
            self.time.advance(AN_HOUR)
            return None
        return event if answer is ECHO else answer

    def _go_on(self) -> None:
        """Answer who was asked, unless he stays silent; else let time pass."""
        waiting, self.asked = self.asked, []
        for token, answer in waiting:
            if answer != TIMES_OUT:
                self.machines.send_task_success(taskToken=token, output=json.dumps(answer))
        if all(answer == TIMES_OUT for _, answer in waiting):
            self.time.advance_to_next()

    def _look(self, execution: str) -> dict[str, Any]:
        self.time.settle()
        found: dict[str, Any] = self.machines.describe_execution(executionArn=execution)
        return found

    def _output(self, execution: str) -> Any:
        """Its output from its history, because describe_execution answers a text that is no JSON where it is one."""
        history = self.machines.get_execution_history(executionArn=execution)["events"]
        return json.loads(history[-1]["executionSucceededEventDetails"]["output"])

    def _start(self, definition: dict[str, Any], payload: Any) -> str:
        text = json.dumps(self._with_functions(definition))
        name = f"machine-{next(self.numbers)}"
        machine = self.machines.create_state_machine(name=name, definition=text, roleArn=ROLE)["stateMachineArn"]
        started = self.machines.start_execution(stateMachineArn=machine, name=NAME, input=json.dumps(payload))
        return str(started["executionArn"])

    def _with_functions(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._with_functions(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self._with_functions(each) for each in value]
        named = key in ("Resource", "FunctionName") and not value.startswith("arn:")
        return self._function(value) if named else value

    def _function(self, handler: str) -> str:
        """The ARN of a handler's function, made when it is first named."""
        name = handler.replace(".", "-")
        if name not in self.known:
            self.known.add(name)
            made = {"FunctionName": name, "Role": ROLE, "Handler": "x.y", "Code": {"ZipFile": b""}}
            self.functions.create_function(**made, Runtime="python3.12")
        return f"arn:aws:lambda:{REGION}:123456789012:function:{name}"


@contextmanager
def open_interpreter() -> Iterator[Interpreter]:
    """Moto with the patches that machines need, for many plays."""
    time = HandTime()
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=patches.CONFIG):
        machines, functions = (boto3.client(name, region_name=REGION) for name in ("stepfunctions", "lambda"))
        interpreter = Interpreter(machines, functions, time)
        boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=TRUST)
        patches.run_functions_here(patch, interpreter.run)
        patches.share_clients(patch)
        patches.parse_once(patch)
        patches.hold_time(patch, time)
        patches.count_machines(patch, time)
        patches.wake_once(patch)
        yield interpreter
        time.finish()
