"""Business time: what counts on ordinary days, on holidays, and on the days on which clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.hours import (
    ALWAYS,
    MINUTE,
    Hours,
    add_business_ms,
    business_ms_between,
    local_day,
    openings,
    public_holidays,
)
from shared.errors import Misconfigured
from tests.builders.hours import (
    AROUND_THE_CLOCK,
    BERLIN,
    NINE_TO_SIX,
    ZONES,
    any_hours,
    hours_of_work,
    minutes,
    starts,
    wall,
)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2025-06-16 10:00", 60, "2025-06-16 11:00"),  # within a day
        ("2025-06-16 17:30", 60, "2025-06-17 09:30"),  # over night
        ("2025-06-16 17:00", 60, "2025-06-16 18:00"),  # ends as the day ends
        ("2025-06-16 18:00", 1, "2025-06-17 09:01"),
        ("2025-06-16 03:00", 5, "2025-06-16 09:05"),  # before opening
        ("2025-06-13 17:59", 2, "2025-06-16 09:01"),  # over a weekend
        ("2025-06-14 12:00", 0, "2025-06-16 09:00"),  # nothing from a closed hour: the next opening
        ("2025-06-16 18:00", 0, "2025-06-16 18:00"),  # the end of a day still belongs to it
        ("2025-01-31 17:30", 60, "2025-02-03 09:30"),  # month end over a weekend
        ("2024-02-28 17:30", 570, "2024-02-29 18:00"),  # a leap day
        ("2024-12-31 17:30", 60, "2025-01-02 09:30"),  # New Year's Day is a holiday
        ("2025-04-17 17:30", 60, "2025-04-22 09:30"),  # Good Friday to Easter Monday
        ("2025-03-07 17:30", 60, "2025-03-10 09:30"),  # Women's Day, a holiday of Berlin alone, is a Saturday here
        ("2024-03-07 17:30", 60, "2024-03-11 09:30"),  # and a Friday here
        ("2025-03-28 17:30", 60, "2025-03-31 09:30"),  # the clock springs forward on the Sunday between
        ("2025-10-24 17:30", 60, "2025-10-27 09:30"),  # and falls back on this one
    ],
)
def test_business_minutes_end_when_the_wall_clock_says_so(start: str, minutes: int, due: str) -> None:
    assert add_business_minutes(wall(start), minutes, BERLIN) == wall(due)


@pytest.mark.parametrize(
    ("country", "subdivision", "day"),
    [("US", "", "2025-07-04"), ("US", "", "2021-12-31"), ("GB", "SCT", "2025-12-01"), ("GB", "ENG", "2025-08-25"),
     ("DE", "BY", "2025-06-19"), ("JP", "", "2025-05-06"), ("FR", "", "2025-07-14"), ("BR", "SP", "2025-11-20")],
)  # fmt: skip
def test_nobody_works_on_a_holiday_of_the_place(country: str, subdivision: str, day: str) -> None:
    hours = Hours("UTC", (NINE_TO_SIX,) * 7, country, subdivision)
    assert openings(hours, date.fromisoformat(day)) == ()
    assert openings(any_hours("UTC"), date.fromisoformat(day))


def test_a_holiday_of_another_state_is_a_working_day() -> None:
    assert date(2025, 6, 19) in public_holidays("DE", "BY", 2025)  # Corpus Christi
    assert add_business_minutes(wall("2025-06-18 17:30"), 60, BERLIN) == wall("2025-06-19 09:30")


def test_own_closed_days_are_left_out() -> None:
    hours = any_hours(closed=frozenset({date(2025, 6, 17), date(2025, 6, 18)}))
    assert add_business_minutes(wall("2025-06-16 17:30"), 60, hours) == wall("2025-06-19 09:30")


@pytest.mark.parametrize(
    ("timezone", "day", "minutes"),
    [
        ("Europe/Berlin", date(2025, 3, 30), 23 * 60),
        ("Europe/Berlin", date(2025, 10, 26), 25 * 60),
        ("America/New_York", date(2025, 3, 9), 23 * 60),
        ("America/New_York", date(2025, 11, 2), 25 * 60),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24 * 60 + 30),  # half an hour
        ("Australia/Lord_Howe", date(2025, 10, 5), 24 * 60 - 30),
        ("America/Santiago", date(2025, 9, 7), 23 * 60),  # at midnight: the day begins at one
        ("Pacific/Apia", date(2011, 12, 30), 0),  # a day that Samoa never had
        ("Asia/Kathmandu", date(2025, 3, 30), 24 * 60),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(timezone: str, day: date, minutes: int) -> None:
    spans = openings(Hours(timezone, (AROUND_THE_CLOCK,) * 7), day)
    assert sum(closes - opens for opens, closes in spans) == minutes * MINUTE


def test_an_hour_that_the_clock_leaves_out_does_not_count() -> None:
    night = Hours("Europe/Berlin", (((60, 240),),) * 7)  # 01:00 to 04:00
    assert business_ms_between(wall("2025-03-30 00:00"), wall("2025-03-30 12:00"), night) == 120 * MINUTE
    assert add_business_minutes(wall("2025-03-30 01:30"), 60, night) == wall("2025-03-30 03:30")


def test_hours_that_lie_in_the_gap_alone_are_not_there() -> None:
    assert openings(Hours("Europe/Berlin", (((135, 165),),) * 7), date(2025, 3, 30)) == ()


def test_an_hour_that_the_clock_shows_twice_counts_twice() -> None:
    night = Hours("Europe/Berlin", (((135, 165),),) * 7)  # 02:15 to 02:45
    assert openings(night, date(2025, 10, 26)) == (
        (wall("2025-10-26 02:15"), wall("2025-10-26 02:45")),
        (wall("2025-10-26 02:15", fold=1), wall("2025-10-26 02:45", fold=1)),
    )


def test_a_lunch_break_does_not_count() -> None:
    hours = Hours("Europe/Berlin", (((540, 720), (780, 1020)),) * 7)
    assert add_business_minutes(wall("2025-06-16 11:30"), 60, hours) == wall("2025-06-16 13:30")
    assert add_business_minutes(wall("2025-06-16 11:30"), 30, hours) == wall("2025-06-16 12:00")


def test_a_night_shift_that_passes_midnight_is_one_stretch() -> None:
    hours = Hours("Asia/Manila", (((0, 360), (1320, 1440)),) * 7)
    start = wall("2025-06-16 23:30", "Asia/Manila")
    assert add_business_minutes(start, 60, hours) == wall("2025-06-17 00:30", "Asia/Manila")


def test_the_midnight_that_ends_a_day_belongs_to_it_even_before_a_day_off() -> None:
    hours = Hours("Europe/Berlin", (*[((0, 1440),)] * 6, ()))
    saturday = wall("2025-06-14 23:00")
    assert add_business_minutes(saturday, 60, hours) == wall("2025-06-15 00:00")
    assert add_business_minutes(wall("2025-06-15 00:00"), 0, hours) == wall("2025-06-15 00:00")
    assert add_business_minutes(wall("2025-06-15 00:00"), 1, hours) == wall("2025-06-16 00:01")


def test_around_the_clock_business_time_is_time() -> None:
    assert add_business_minutes(123, 60, ALWAYS) == 123 + 60 * MINUTE
    assert business_ms_between(500, 123, ALWAYS) == -377


def test_a_company_that_never_opens_is_told_so() -> None:
    with pytest.raises(Misconfigured, match=r"hours\.toml: week"):
        add_business_minutes(wall("2025-06-16 12:00"), 1, Hours("UTC", ((),) * 7))


@given(hours_of_work(), starts, minutes, minutes)
def test_adding_twice_is_adding_the_sum(hours: Hours, start: int, first: int, second: int) -> None:
    in_steps = add_business_minutes(add_business_minutes(start, first, hours), second, hours)
    assert in_steps == add_business_minutes(start, first + second, hours)


@given(hours_of_work(), starts, minutes)
def test_what_was_added_is_what_lies_between(hours: Hours, start: int, added: int) -> None:
    assert business_ms_between(start, add_business_minutes(start, added, hours), hours) == added * MINUTE


@given(hours_of_work(), starts, minutes)
def test_a_deadline_lies_in_business_hours_and_not_before_its_start(hours: Hours, start: int, added: int) -> None:
    due = add_business_minutes(start, added, hours)
    assert due >= start
    day = local_day(due - 1, hours.timezone)
    assert any(
        opens <= due <= closes for each in (day, day + timedelta(days=1)) for opens, closes in openings(hours, each)
    )


@given(hours_of_work(), starts, st.integers(0, 10**9), minutes, minutes)
def test_later_starts_and_longer_times_never_end_earlier(
    hours: Hours, start: int, later: int, first: int, more: int
) -> None:
    due = add_business_minutes(start, first, hours)
    assert due <= add_business_minutes(start + later, first, hours)
    assert due <= add_business_minutes(start, first + more, hours)


@given(hours_of_work(), starts, st.integers(0, 10**9), st.integers(0, 10**9))
def test_business_time_adds_up_and_never_exceeds_time(hours: Hours, start: int, first: int, second: int) -> None:
    middle, end = start + first, start + first + second
    whole = business_ms_between(start, end, hours)
    assert whole == business_ms_between(start, middle, hours) + business_ms_between(middle, end, hours)
    assert 0 <= whole <= end - start
    assert business_ms_between(end, start, hours) == -whole


@given(hours_of_work(), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_every_open_instant_shows_a_time_within_the_hours(hours: Hours, day: date) -> None:
    zone = ZoneInfo(hours.timezone)
    for opens, closes in openings(hours, day):
        for instant in (opens, (opens + closes) // 2, closes - 1):
            shown = datetime.fromtimestamp(instant // 1000, zone)
            of_day = (shown.hour * 60 + shown.minute) * MINUTE
            assert shown.date() == day
            assert any(begins * MINUTE <= of_day < ends * MINUTE for begins, ends in hours.week[day.weekday()])


@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_around_the_clock_days_leave_no_gap(timezone: str, day: date) -> None:
    hours = Hours(timezone, (AROUND_THE_CLOCK,) * 7)
    assert openings(hours, day)[-1][1] == openings(hours, day + timedelta(days=1))[0][0]


def add_business_minutes(start: int, minutes: int, hours: Hours) -> int:
    return add_business_ms(start, minutes * MINUTE, hours)
