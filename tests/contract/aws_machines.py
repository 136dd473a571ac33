"""Step Functions for the contract of `workflows`: moto's interpreter, whose functions wait until a test drives them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from moto import mock_aws
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from adapters.aws.clients import Clients
from adapters.aws.settings import AwsSettings
from adapters.aws.workflows import AwsWorkflows
from shared.workflow.definitions import substitute
from tests.aws import moto_patches as patches
from tests.aws.hand_time import HandTime
from tests.contract.aws_backend import REGION, SETTINGS
from tests.contract.machines import DEFINITIONS, Work, Worker, WorkerDied

ROLE = "arn:aws:iam::123456789012:role/any"
TRUST = json.dumps({"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
MOST_CALLS = 10


@dataclass
class Functions:
    """The functions that machines call; each call waits until somebody works."""

    work: Work | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def employ(self, work: Work | None) -> None:
        """From now on `work` answers; None: calls wait."""
        with self.changed:
            self.work = work
            self.changed.notify_all()

    def call(self, function: str, event: Any) -> Any:
        """Answer a call. Where the worker dies, the service that called hears nothing and calls again (W4)."""
        with self.changed:
            self.changed.wait_for(lambda: self.work is not None)
            work = self.work or Worker()
        for _ in range(MOST_CALLS):
            try:
                return work(function.replace("-", "."), event)
            except WorkerDied:
                continue
        raise AssertionError(f"{function} died every time")


@dataclass(frozen=True)
class AwsEngine:
    """Both machines of the contract on one mocked account."""

    clients: Clients
    settings: AwsSettings
    time: HandTime
    functions: Functions
    workflows: AwsWorkflows

    def reopened(self) -> AwsEngine:
        """As a new process finds it."""
        return replace(self, workflows=AwsWorkflows(self.clients, self.settings))


@contextmanager
def open_engine() -> Iterator[AwsEngine]:
    """Moto with the patches that machines need; everything has ended when the block does."""
    time, functions = HandTime(), Functions()
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=patches.CONFIG):
        patches.run_functions_here(patch, functions.call)
        patches.share_clients(patch)
        patches.hold_time(patch, time)
        patches.count_machines(patch, time)
        patches.wake_once(patch)
        start_one_at_a_time(patch)
        clients = Clients(REGION)
        clients.of("iam").create_role(RoleName="any", AssumeRolePolicyDocument=TRUST)
        settings = replace(
            SETTINGS, turns="standard", **{f"{each}_machine": make_machine(clients, each) for each in DEFINITIONS}
        )
        yield AwsEngine(clients, settings, time, functions, AwsWorkflows(clients, settings))
        functions.employ(Worker())
        time.finish()


def start_one_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Moto looks for a name and takes it in two steps; Step Functions does both at once."""
    one_at_a_time, start = threading.Lock(), StepFunctionsParserBackend.start_execution

    def start_execution(backend: Any, *given: Any, **named: Any) -> Any:
        with one_at_a_time:
            return start(backend, *given, **named)

    patch.setattr(StepFunctionsParserBackend, "start_execution", start_execution)


def make_machine(clients: Clients, machine: str) -> str:
    """A machine of the contract with a function for each of its handlers; its ARN."""
    definition = substitute(DEFINITIONS[machine], lambda handler: make_function(clients, handler))
    made = clients.of("stepfunctions").create_state_machine(
        name=machine, definition=json.dumps(definition), roleArn=ROLE
    )
    return str(made["stateMachineArn"])


def make_function(clients: Clients, handler: str) -> str:
    """The ARN of a handler's function, made where there is none."""
    name, client = handler.replace(".", "-"), clients.of("lambda")
    try:
        return str(client.get_function(FunctionName=name)["Configuration"]["FunctionArn"])
    except client.exceptions.ResourceNotFoundException:
        made = {"FunctionName": name, "Role": ROLE, "Handler": "x.y", "Runtime": "python3.12"}
        return str(client.create_function(**made, Code={"ZipFile": b""})["FunctionArn"])
