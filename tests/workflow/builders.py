"""Builders of small workflow definitions."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]

CATCH_ALL = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Caught"}


def machine(states: dict[str, State], *, start: str | None = None) -> State:
    """A machine of the states, the first of which begins; Comments are filled in."""
    return {"Comment": "a test", "StartAt": start or next(iter(states)), "States": _commented(states)}


def _commented(states: dict[str, State]) -> dict[str, State]:
    return {name: {"Comment": "a test", **state} for name, state in states.items()}


def onward(to: str | None) -> State:
    return {"Next": to} if to else {"End": True}


def task(resource: str, to: str | None = None, **fields: Any) -> State:
    """A task with a timeout; `to` is its Next, none means End."""
    return {"Type": "Task", "Resource": resource, "TimeoutSeconds": 10, **fields, **onward(to)}


def pass_on(to: str | None = None, **fields: Any) -> State:
    return {"Type": "Pass", **fields, **onward(to)}


def wait(to: str | None = None, **fields: Any) -> State:
    return {"Type": "Wait", **fields, **onward(to)}


def parallel(*branches: State, to: str | None = None, **fields: Any) -> State:
    return {"Type": "Parallel", "Branches": list(branches), **fields, **onward(to)}


def each(states: dict[str, State], to: str | None = None, **fields: Any) -> State:
    """A Map over the states."""
    first = next(iter(states))
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": first, "States": _commented(states)}
    return {"Type": "Map", "MaxConcurrency": 10, "ItemProcessor": processor, **fields, **onward(to)}


def choice(*rules: State, default: str = "No") -> State:
    return {"Type": "Choice", "Choices": list(rules), "Default": default}


def given(path: str, comparison: str, value: Any) -> State:
    """A guarded comparison."""
    return {"And": [{"Variable": path, "IsPresent": True}, {"Variable": path, comparison: value}]}


def retry(*errors: str, attempts: int = 2, interval: int = 1, rate: int = 2, **fields: Any) -> list[State]:
    return [
        {
            "ErrorEquals": list(errors),
            "MaxAttempts": attempts,
            "IntervalSeconds": interval,
            "BackoffRate": rate,
            **fields,
        }
    ]


def catch(*errors: str, to: str = "Caught", path: str | None = "$.failure") -> State:
    return {"ErrorEquals": list(errors), "ResultPath": path, "Next": to}


def safe_task(resource: str, to: str | None = None, **fields: Any) -> dict[str, State]:
    """A branch's task that catches everything into a result."""
    failed = pass_on(Result={"ok": False, "error": "crashed"})
    return {
        "Work": task(resource, to, Catch=[catch("States.ALL", to="Work failed")], **fields),
        "Work failed": failed,
    }


def ask_operator(to: str | None = None, **fields: Any) -> State:
    """A task that waits for its token."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "escalation.page", "Payload": {"id.$": "$.id", "token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 60,
        **fields,
        **onward(to),
    }
