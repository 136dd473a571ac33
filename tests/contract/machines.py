"""The two machines that a provider's `workflows` are tested with, and who does their tasks."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.workflow.builders import catch, machine, retry, task

Work = Callable[[str, dict[str, Any]], Any]  # does a task by its handler's name; answers, or raises by name

_fresh = itertools.count()


def ask(into: str, to: str) -> dict[str, Any]:
    """A state that waits for its token for `$.timeout` seconds."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "${contract.page}", "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSecondsPath": "$.timeout",
        "Catch": [catch("States.Timeout", to=to, path=into)],
        "ResultPath": into,
        "Next": to,
    }


# A provider under test is built with these two machines; `${handler}` stands for what a provider calls a handler.
DEFINITIONS: Mapping[str, dict[str, Any]] = {
    "turn": machine(
        {
            "First": task("${contract.first}", "Second", ResultPath="$.first", Retry=retry("Throttled", attempts=1)),
            "Second": task("${contract.second}", "Report", ResultPath="$.second"),
            "Report": task("${contract.report}"),
        }
    ),
    "escalation": machine(
        {
            "Ask": ask("$.first", "Ask again"),
            "Ask again": ask("$.second", "Report"),
            "Report": task("${contract.report}"),
        }
    ),
}


class WorkerDied(BaseException):
    """The process dies here: what it did is done, its answer is lost."""


class Worker:
    """Does tasks by a table of answers, each in turn and the last again and again; remembers what it was given."""

    def __init__(self, answers: Mapping[str, Sequence[Any]] | None = None) -> None:
        self.answers = answers or {}
        self.given: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def __call__(self, handler: str, given: dict[str, Any]) -> Any:
        name = handler.removeprefix("contract.")
        self.given[name].append(given)
        answers = self.answers.get(name, [{"done": True}])
        answer = answers[min(len(self.given[name]), len(answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def tokens(self) -> list[str]:
        """What was given to whoever is paged, each once, in order."""
        return list(dict.fromkeys(given["token"] for given in self.given["page"]))

    def reported(self, slot: str) -> list[Any]:
        """What the last task found in a slot of the state, each value once; it may have run more than once (W4)."""
        found: list[Any] = []
        for given in self.given["report"]:
            found += [given[slot]] if given[slot] not in found else []
        return found


def any_execution() -> str:
    return f"c{time.time_ns():x}-{next(_fresh)}"


def any_payload(n: int = 1, *, timeout: int = 3600) -> dict[str, Any]:
    return {"n": n, "timeout": timeout}
