"""What AwsTimers asks of EventBridge Scheduler: moto fires nothing and forgets ActionAfterCompletion on an update."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adapters.aws.clock import AwsClock
from adapters.aws.timers import AwsTimers, expression, schedule_name
from adapters.local.clock import ShiftedClock
from shared.errors import Conflict, InvalidInput, Misconfigured
from tests.contract.aws_backend import requests_of
from tests.contract.aws_moving_backend import GROUP, MOVING, Account, any_account, failing, hooked


@dataclass(frozen=True, slots=True)
class Place:
    account: Account
    clock: ShiftedClock
    timers: AwsTimers


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with any_account() as account:
        yield account


@pytest.fixture
def place(account: Account) -> Iterator[Place]:
    clock, scheduler = ShiftedClock(AwsClock()), account.clients.of("scheduler")
    yield Place(account, clock, AwsTimers(account.clients, MOVING, clock))
    for each in scheduler.list_schedules(GroupName=GROUP)["Schedules"]:
        scheduler.delete_schedule(GroupName=GROUP, Name=each["Name"])


def soon() -> int:
    return int(time.time()) + 1000


def test_a_timer_is_one_schedule_that_calls_the_target_once_and_is_then_deleted(place: Place) -> None:
    at = soon()
    with requests_of(place.account.clients, "scheduler") as asked:
        place.timers.set("T|t1|C|c1", at, "sla.sweep", {"conversation": "c1"})
    ((operation, request),) = asked
    assert operation == "CreateSchedule"
    assert request.pop("Target") == {
        "Arn": MOVING.timer_target,
        "RoleArn": MOVING.timer_role,
        "Input": '{"handler":"sla.sweep","body":{"conversation":"c1"}}',
        "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
    }
    assert request == {
        "GroupName": GROUP,
        "Name": schedule_name("T|t1|C|c1"),
        "ScheduleExpression": expression(at),
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
    }


def test_m2_a_timer_that_exists_is_updated_with_all_that_it_is(place: Place) -> None:
    place.timers.set("one", soon(), "sla.sweep", {"n": 1})
    with requests_of(place.account.clients, "scheduler") as asked:
        place.timers.set("one", soon(), "sla.sweep", {"n": 2})
    assert [name for name, _ in asked] == ["CreateSchedule", "UpdateSchedule"]
    assert asked[0][1] == asked[1][1]
    assert asked[1][1]["ActionAfterCompletion"] == "DELETE"


def test_m2_a_timer_that_fires_between_two_tries_is_made_anew(place: Place) -> None:
    place.timers.set("one", soon(), "sla.sweep", {"n": 1})
    scheduler = place.account.clients.of("scheduler")
    fired = [1]

    def fire(params: dict[str, Any], **_: Any) -> None:
        if fired and fired.pop():
            scheduler.delete_schedule(GroupName=GROUP, Name=schedule_name("one"))

    with hooked(place.account, "scheduler", "provide-client-params.scheduler.UpdateSchedule", fire):
        place.timers.set("one", soon(), "sla.sweep", {"n": 2})
    told = scheduler.get_schedule(GroupName=GROUP, Name=schedule_name("one"))["Target"]["Input"]
    assert json.loads(told)["body"] == {"n": 2}


def test_others_who_set_it_and_fire_it_without_end_are_a_conflict(place: Place) -> None:
    with (
        failing(place.account, "scheduler", "CreateSchedule", "ConflictException"),
        failing(place.account, "scheduler", "UpdateSchedule", "ResourceNotFoundException"),
        pytest.raises(Conflict, match="one"),
    ):
        place.timers.set("one", soon(), "sla.sweep", {})


def test_a_group_that_is_not_deployed_is_a_mistake_of_the_settings(place: Place) -> None:
    missing = failing(place.account, "scheduler", "CreateSchedule", "ResourceNotFoundException")
    with missing, pytest.raises(Misconfigured, match=GROUP):
        place.timers.set("one", soon(), "sla.sweep", {})


def test_a_time_that_is_over_is_moved_to_the_next_minute(place: Place) -> None:
    now = place.clock.now() // 1000
    with requests_of(place.account.clients, "scheduler") as asked:
        place.timers.set("one", now - 5000, "sla.sweep", {})
    assert asked[0][1]["ScheduleExpression"] in {expression(now + 60 + late) for late in range(5)}


def test_a_time_is_told_in_utc_to_the_second() -> None:
    assert expression(1_795_184_171) == "at(2026-11-20T14:16:11)"
    assert expression(0) == "at(1970-01-01T00:00:00)"


@pytest.mark.parametrize("name", ["a", "T|t1|C|c1|follow up", "x" * 400])
def test_every_name_is_one_that_scheduler_takes(name: str) -> None:
    assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", schedule_name(name))


@pytest.mark.parametrize(("at", "handler"), [(1.5, "sla.sweep"), (True, "sla.sweep"), (10**15, "sla.sweep"), (1, "")])
def test_a_timer_without_a_moment_or_a_handler_is_refused(place: Place, at: Any, handler: str) -> None:
    with pytest.raises(InvalidInput):
        place.timers.set("one", at, handler, {})


def test_m3_cancelling_is_one_request_and_a_name_that_is_none_is_refused(place: Place) -> None:
    with requests_of(place.account.clients, "scheduler") as asked:
        place.timers.cancel("one")
    assert asked == [("DeleteSchedule", {"GroupName": GROUP, "Name": schedule_name("one")})]
    with pytest.raises(InvalidInput):
        place.timers.cancel("a?")


def test_m3_what_is_not_about_an_absent_timer_is_raised(place: Place) -> None:
    with failing(place.account, "scheduler", "DeleteSchedule", "ValidationException"), pytest.raises(InvalidInput):
        place.timers.cancel("one")


def test_groups_of_two_stages_do_not_share_names(place: Place) -> None:
    place.account.clients.of("scheduler").create_schedule_group(Name="supportmax-prod")
    other = AwsTimers(place.account.clients, replace(MOVING, timer_group="supportmax-prod"), place.clock)
    place.timers.set("one", soon(), "sla.sweep", {"n": 1})
    other.cancel("one")
    scheduler = place.account.clients.of("scheduler")
    assert scheduler.get_schedule(GroupName=GROUP, Name=schedule_name("one"))["State"] == "ENABLED"
