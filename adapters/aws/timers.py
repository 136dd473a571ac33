"""Timers as one-time schedules of EventBridge Scheduler, in a group of their own (M1 to M4)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.clients import Clients
from adapters.aws.errors import code_of, translated
from adapters.aws.settings import AwsSettings
from shared.errors import Conflict, InvalidInput, Misconfigured
from shared.ports.clock import Clock
from shared.ports.limits import check_name, encode_message

SOONEST_SECONDS = 60  # Scheduler works by the minute; a time that is over is moved to the next one
LAST_SECOND = 253_402_300_799  # the year 9999
TRIES = 3
TAKEN, ABSENT = "ConflictException", "ResourceNotFoundException"
RETRY_POLICY = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


class AwsTimers:
    """The `timers` port: the schedule's target is one function, told `{"handler", "body"}`, and then forgotten."""

    def __init__(self, clients: Clients, settings: AwsSettings, clock: Clock) -> None:
        self._clients, self._clock = clients, clock
        self._group, self._target, self._role = settings.timer_group, settings.timer_target, settings.timer_role

    def set(self, name: str, at: int, handler: str, body: dict[str, Any]) -> None:
        """Set or replace a timer (M1, M2); it fires up to a minute after `at`."""
        schedule = self._schedule(name, at, handler, body)
        for _ in range(TRIES):
            if self._create(schedule) or self._update(schedule):
                return
        raise Conflict(f"timer {name}: others set it and it fired at the same time; set it again")

    def cancel(self, name: str) -> None:
        """Forget a timer (M3); one that fired or never was is no error."""
        check_name(name)
        with translated("scheduler", writes=True):
            try:
                self._scheduler.delete_schedule(GroupName=self._group, Name=schedule_name(name))
            except ClientError as error:
                if code_of(error) != ABSENT:
                    raise

    @property
    def _scheduler(self) -> Any:
        return self._clients.of("scheduler")

    def _schedule(self, name: str, at: int, handler: str, body: dict[str, Any]) -> dict[str, Any]:
        check_name(name)
        if type(at) is not int or at > LAST_SECOND or not handler:
            limit = "epoch seconds and a handler"
            raise InvalidInput("a timer", field="at", limit=limit, action="give both")
        told = f'{{"handler":{json.dumps(handler)},"body":{encode_message(body, f"timer {name}")}}}'
        soonest = self._clock.now() // 1000 + SOONEST_SECONDS
        return {
            "GroupName": self._group,
            "Name": schedule_name(name),
            "ScheduleExpression": expression(at if at * 1000 > self._clock.now() else soonest),
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {"Arn": self._target, "RoleArn": self._role, "Input": told, "RetryPolicy": RETRY_POLICY},
        }

    def _create(self, schedule: dict[str, Any]) -> bool:
        """False where there is one by that name."""
        with translated("scheduler", writes=True):
            try:
                self._scheduler.create_schedule(**schedule)
            except ClientError as error:
                if code_of(error) == TAKEN:
                    return False
                if code_of(error) == ABSENT:
                    raise Misconfigured(f"there is no schedule group {self._group}: deploy it") from error
                raise
        return True

    def _update(self, schedule: dict[str, Any]) -> bool:
        """False where it fired meanwhile, or where another change of it is still under way."""
        with translated("scheduler", writes=True):
            try:
                self._scheduler.update_schedule(**schedule)
            except ClientError as error:
                if code_of(error) in (ABSENT, TAKEN):
                    return False
                raise
        return True


def schedule_name(name: str) -> str:
    """A legal name for any name: Scheduler takes 64 letters and digits."""
    return hashlib.sha256(name.encode()).hexdigest()


def expression(at: int) -> str:
    """The one moment at which a schedule fires; `at` is epoch seconds."""
    return f"at({datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S})"
