"""The deployed templates on moto with a meter on every function: calls, CPU without moto's own, requests, log bytes."""

from __future__ import annotations

import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.aws.recording import Bill, at_work, recorded
from shared.workflow.definitions import MACHINES
from tests.aws.cloud import open_cloud
from tests.aws.support import Deployment, House
from tests.stacks.templates import synthesise

LINE_BYTES = 26  # that CloudWatch counts beside each line
ACCESS_LINE = 230 + LINE_BYTES  # of the API's access log (stacks/api.py: LOGGED)
PLATFORM_LINES = 350  # START, END and REPORT of one invocation, where Lambda writes them
DOMAIN = "support.example.com"

_MOTO: ContextVar[list[float]] = ContextVar("seconds of CPU that moto took, newest last")


@dataclass
class Meter:
    """What was used since it was last cleared."""

    bill: Bill = field(default_factory=Bill)
    calls: Counter[str] = field(default_factory=Counter)
    cpu_ms: Counter[str] = field(default_factory=Counter)
    log_bytes: int = 0

    def clear(self) -> None:
        self.bill.clear()
        self.calls.clear()
        self.cpu_ms.clear()
        self.log_bytes = 0

    def run(self, function: str, answer: Callable[[Any, Any], Any], event: Any, context: Any) -> Any:
        """One invocation."""
        said, moto = io.StringIO(), list[float]()
        token, began = _MOTO.set(moto), time.thread_time()
        try:
            with at_work(function), redirect_stdout(said):
                return answer(event, context)
        finally:
            _MOTO.reset(token)
            used = time.thread_time() - began - sum(moto)
            self.calls[function] += 1
            self.cpu_ms[function] += round(used * 1e6)  # thousandths: counters count whole things
            text = said.getvalue()
            self.log_bytes += len(text.encode()) + LINE_BYTES * text.count("\n")


class MeteredDeployment(Deployment):
    """A deployment whose functions run on a meter."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def open(self, environment: Mapping[str, str]) -> Any:
        function, answer = environment["SUPPORTMAX_FUNCTION"], super().open(environment)
        return lambda event, context: self.meter.run(function, answer, event, context)


@contextmanager
def metered_house() -> Iterator[tuple[House, Meter]]:
    """A deployed stage with one tenant whose functions are warm, and its meter."""
    meter = Meter()
    templates = synthesise(mail_domain=DOMAIN, mail_rules="shared", turns="express").templates
    with recorded(meter.bill), timed_moto(), tempfile.TemporaryDirectory() as folder:
        deployment = MeteredDeployment(meter)
        with open_cloud(templates, deployment.open) as cloud:
            deployment.clock.cloud = cloud
            with deployment.new_tenant(Path(folder)) as house:
                yield house, meter


@contextmanager
def timed_moto() -> Iterator[None]:
    """The CPU between the moment in which a request would leave and the one in which its answer has come."""
    from botocore import handlers

    def leave(**_: Any) -> None:
        if (taken := _MOTO.get(None)) is not None:
            taken.append(-time.thread_time())

    def arrive(**_: Any) -> None:
        if (taken := _MOTO.get(None)) is not None:
            taken.append(time.thread_time())

    rows = [("before-send", leave, handlers.REGISTER_FIRST), ("response-received", arrive)]
    handlers.BUILTIN_HANDLERS.extend(rows)
    try:
        yield
    finally:
        for row in rows:
            handlers.BUILTIN_HANDLERS.remove(row)


def platform_lines(house: House) -> int:
    """Bytes that Lambda itself logs of an invocation: none where its log is told to hold warnings alone."""
    given = [each for stack in house.cloud.stacks.values() for _, each in stack.of("AWS::Lambda::Function")]
    quiet = all(each.get("LoggingConfig", {}).get("SystemLogLevel") == "WARN" for each in given)
    return 0 if quiet else PLATFORM_LINES


def traced(house: House) -> set[str]:
    """The machines of which an execution is a trace for X-Ray, which samples all of them while there are few."""
    given = [each for stack in house.cloud.stacks.values() for _, each in stack.of("AWS::StepFunctions::StateMachine")]
    return {
        machine
        for machine in MACHINES
        for each in given
        if each["StateMachineName"].endswith(f"-{machine}") and each.get("TracingConfiguration", {}).get("Enabled")
    }


def mail_bucket(house: House) -> str:
    """Where SES puts what arrives: the one bucket whose name is fixed."""
    named = [each for stack in house.cloud.stacks.values() for _, each in stack.of("AWS::S3::Bucket")]
    return next(str(each["BucketName"]) for each in named if "mail" in str(each.get("BucketName", "")))


def look_at(house: House, machine: str) -> tuple[int, int]:
    """How many executions of a machine there were, and the states that they entered."""
    states = house.cloud.client("stepfunctions")
    arns = [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]
    (arn,) = [each for each in arns if each.endswith(f"-{machine}")]
    executions = states.list_executions(stateMachineArn=arn)["executions"]
    entered = 0
    for execution in executions:
        events = states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
        entered += sum(event["type"].endswith("StateEntered") for event in events)
    return len(executions), entered
