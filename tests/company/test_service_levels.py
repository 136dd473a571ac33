"""What a company promises is read from its files, and a mistake is named by file and field."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.company.company import Company
from shared.company.service_levels import load_service_levels, read_hours, read_service_levels
from shared.domain.hours import ALWAYS
from shared.domain.ticket import PRIORITIES, TIERS
from shared.errors import Misconfigured

SLA = """
warn_at = 80
P1 = {clock = "always", first_response = 60, next_response = 60, resolution = 480}
P2 = {clock = "always", first_response = 120, next_response = 120, resolution = 1440}
P3 = {clock = "hours", first_response = 480, next_response = 480, resolution = 1920}
P4 = {clock = "hours", first_response = 960, next_response = 960, resolution = 4800}
tiers = {bronze = 100, silver = 100, gold = 75, platinum = 50}
"""
HOURS = """
timezone = "Europe/Berlin"
country = "DE"
subdivision = "BE"
closed = [2025-12-24]
[week]
mon = ["09:00", "12:00", "13:00", "18:00"]
sat = ["22:00", "24:00"]
"""


def any_hours_table(**changes: Any) -> dict[str, Any]:
    return tomllib.loads(HOURS) | changes


def any_sla_table(**changes: Any) -> dict[str, Any]:
    return tomllib.loads(SLA) | changes


def test_what_ships_has_a_policy_for_every_priority_and_tier() -> None:
    levels = load_service_levels(Company())
    for priority in PRIORITIES:
        times = [levels.policy(priority, tier).first_response for tier in TIERS]
        assert times == sorted(times, reverse=True)
    assert levels.policy("P1", "bronze").hours == ALWAYS
    assert levels.policy("P3", "bronze").hours == levels.hours


def test_a_companys_own_file_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "sla.toml").write_text(SLA.replace("first_response = 60", "first_response = 7"), "utf-8")
    assert load_service_levels(Company(tmp_path)).policy("P1", "bronze").first_response == 7


def test_hours_are_read_day_by_day() -> None:
    hours = read_hours(any_hours_table())
    assert hours.week[0] == ((540, 720), (780, 1080))
    assert hours.week[5] == ((1320, 1440),)
    assert hours.week[1] == ()
    assert hours.closed == {date(2025, 12, 24)}


def test_a_company_without_public_holidays_names_no_country() -> None:
    assert read_hours({"timezone": "UTC", "week": {"mon": ["09:00", "18:00"]}}).country == ""


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"timezone": "Europe/Atlantis"}, "timezone: no time zone 'Europe/Atlantis'"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "../etc"}, "timezone"),
        ({"timezone": 3}, "timezone"),
        ({"country": "XX", "subdivision": ""}, "country: no holidays are known for 'XX'"),
        ({"subdivision": "ZZ"}, "subdivision: no holidays are known for 'ZZ'"),
        ({"country": ""}, "country: missing"),
        ({"closed": ["never"]}, "closed.0"),
        ({"week": {}}, "week: nobody ever works"),
        ({"week": {"monday": ["09:00", "18:00"]}}, "week.monday: not a day"),
        ({"week": {"mon": ["09:00"]}}, "week.mon: 09:00 opens and never closes"),
        ({"week": {"mon": ["09:00", "13:00", "12:00", "18:00"]}}, "week.mon: hours overlap"),
        ({"week": {"mon": ["18:00", "09:00"]}}, "week.mon: closes before it opens"),
        ({"week": {"mon": ["22:00", "06:00"]}}, "split hours that pass midnight"),
        ({"week": {"mon": ["9:00", "18:00"]}}, "week.mon: '9:00' is not a time"),
        ({"week": {"mon": ["09:00", "24:30"]}}, "week.mon: '24:30' is not a time"),
        ({"week": {"mon": "09:00-18:00"}}, "week.mon"),
    ],
)
def test_a_mistake_in_the_hours_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_hours(any_hours_table(**changes))
    assert str(refused.value).startswith("hours.toml: ")
    assert named in str(refused.value)


ROW = tomllib.loads(SLA)["P1"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"warn_at": 0}, "warn_at"),
        ({"warn_at": 101}, "warn_at"),
        ({"P1": ROW | {"clock": "sometimes"}}, "P1.clock"),
        ({"P1": ROW | {"resolution": 0}}, "P1.resolution"),
        ({"P1": ROW | {"resolution": "soon"}}, "P1.resolution"),
        ({"P2": {"clock": "always"}}, "P2.first_response"),
        ({"P5": ROW}, "P5: unknown priority"),
        ({"tiers": {"bronze": 100}}, "silver: missing in tiers"),
        ({"tiers": {"diamond": 10}}, "diamond: unknown tiers"),
        ({"tiers": {"gold": -5}}, "tiers.gold"),
    ],
)
def test_a_mistake_in_the_promises_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_service_levels(any_sla_table(**changes), any_hours_table())
    assert str(refused.value).startswith("sla.toml: ")
    assert named in str(refused.value)


def test_a_priority_that_is_left_out_is_missed() -> None:
    table = any_sla_table()
    del table["P3"]
    with pytest.raises(Misconfigured, match="P3: missing"):
        read_service_levels(table, any_hours_table())
