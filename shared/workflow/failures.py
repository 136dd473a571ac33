"""How a state fails: error names, which Retry or Catch takes them, and how long a retry waits."""

from __future__ import annotations

from typing import Any

from shared.workflow.paths import Json

# Amazon's States.ALL does not catch these either: the definition or the data is broken, so an operator has to look.
FATAL = frozenset({"States.Runtime", "States.DataLimitExceeded"})


class Failure(Exception):
    """A state failed with an error name that Retry and Catch know; `cause` never holds what a task said."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error, cause)
        self.error, self.cause = error, cause


def takes(rule: dict[str, Any], error: str) -> bool:
    """Whether a retrier or a catcher takes the error."""
    names = rule["ErrorEquals"]
    if error in names:
        return True
    if error in FATAL:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def retry_delay(retrier: dict[str, Any], tries: int) -> int:
    """Seconds before the retry after `tries` earlier ones: the interval, grown by its rate, up to its cap."""
    delay: int = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** tries
    cap: int = retrier.get("MaxDelaySeconds", delay)
    return min(delay, cap)


def whole_seconds(value: Json) -> int:
    """A number of seconds that the data gave; raises Failure."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Failure("States.Runtime", "not a number of seconds")
    return value
