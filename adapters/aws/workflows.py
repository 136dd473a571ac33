"""The two machines on Step Functions: the turn Express or Standard, the escalation Standard (W1 to W4)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import code_of, translated
from adapters.aws.settings import AwsSettings
from shared.errors import InvalidInput, Unsupported
from shared.ports.limits import encode_message

EXPRESS = "express"
MOST_INPUT_BYTES = 256 * 1024
LONGEST_TOKEN = 2048
TAKEN = "ExecutionAlreadyExists"
ABSENT = "ExecutionDoesNotExist"
STALE = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
STATUS = {
    "RUNNING": "running",
    "PENDING_REDRIVE": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "failed",
    "ABORTED": "failed",
}
_LEGAL = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


class AwsWorkflows:
    """The `workflows` port. An Express turn that is started twice runs twice, which its fence makes harmless (W4)."""

    def __init__(self, clients: Clients, settings: AwsSettings) -> None:
        self._clients = clients
        self._machines = {"turn": settings.turn_machine, "escalation": settings.escalation_machine}
        self._express = {"turn"} if settings.turns == EXPRESS else set()

    def start(self, machine: str, name: str, payload: dict[str, Any]) -> None:
        """Start once under `name` (W1): a name that is taken is a success, with whatever input it was taken."""
        text = encode_message(payload, f"execution {name}", at_most=MOST_INPUT_BYTES)
        arn = self._find(machine)
        with translated("stepfunctions", writes=True):
            try:
                self._states.start_execution(stateMachineArn=arn, name=execution_name(name), input=text)
            except ClientError as error:
                if code_of(error) != TAKEN:
                    raise

    def send_task_success(self, token: str, output: dict[str, Any]) -> bool:
        """Wake the state that waits on `token`; False where it has moved on, or was never made (W3)."""
        text = encode_message(output, "a task's output", at_most=MOST_INPUT_BYTES)
        if not 0 < len(token) <= LONGEST_TOKEN:
            return False
        with translated("stepfunctions", writes=True):
            try:
                self._states.send_task_success(taskToken=token, output=text)
            except ClientError as error:
                if code_of(error) in STALE:
                    return False
                raise
        return True

    def status(self, machine: str, name: str) -> str:
        """`running`, `succeeded`, `failed` or `absent`.

        Raises Unsupported for an Express machine, whose executions Step Functions does not describe: a turn's state
        stands in its conversation's HEAD.
        """
        arn = self._find(machine)
        if machine in self._express:
            raise Unsupported(f"the status of an Express execution of {machine}")
        with translated("stepfunctions", writes=False):
            try:
                found = self._states.describe_execution(executionArn=execution_arn(arn, execution_name(name)))
            except ClientError as error:
                if code_of(error) == ABSENT:
                    return "absent"
                raise
        return STATUS[found["status"]]

    @property
    def _states(self) -> Any:
        return self._clients.of("stepfunctions")

    def _find(self, machine: str) -> str:
        try:
            return self._machines[machine]
        except KeyError as error:
            names = ", ".join(self._machines)
            raise InvalidInput(
                f"machine {machine!r}", field="machine", limit=names, action="name one of these"
            ) from error


def execution_name(name: str) -> str:
    """The name itself where Step Functions takes it, else a hash of it."""
    return name if _LEGAL.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()


def execution_arn(machine_arn: str, name: str) -> str:
    """The ARN of a Standard execution; a version or an alias of the machine is not part of it."""
    parts = machine_arn.split(":")
    return ":".join((*parts[:5], "execution", parts[6], name))
