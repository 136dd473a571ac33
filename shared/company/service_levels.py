"""The service levels that a company sets (sla.toml, hours.toml), checked and made ready for the domain."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, TypeAdapter, ValidationError

from shared.company.company import Company
from shared.domain.hours import ALWAYS, Hours, Span, public_holidays
from shared.domain.sla import Policy, ServiceLevels
from shared.domain.ticket import PRIORITIES, TIERS
from shared.errors import Misconfigured

T = TypeVar("T")
Minutes = Annotated[int, Field(ge=1, le=525_600)]
Percent = Annotated[int, Field(ge=1, le=1000)]

SLA, HOURS = "sla.toml", "hours.toml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
SOME_YEAR = 2026  # any year shows whether a country is known


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A priority in sla.toml."""

    clock: Literal["hours", "always"]
    first_response: Minutes
    next_response: Minutes
    resolution: Minutes


@dataclass(frozen=True, slots=True)
class SlaTable:
    """sla.toml, its priorities gathered in `policies`."""

    warn_at: Annotated[int, Field(ge=1, le=100)]
    tiers: dict[str, Percent]
    policies: dict[str, PolicyRow]


@dataclass(frozen=True, slots=True)
class HoursTable:
    """hours.toml; a day of `week` is opening, closing, opening, closing … in the time zone's wall time."""

    timezone: str
    week: dict[str, list[str]]
    country: str = ""
    subdivision: str = ""
    closed: list[date] = field(default_factory=list)


@cache
def load_service_levels(company: Company) -> ServiceLevels:
    """What a company promises and when it works, as its files said when they were first read; raises Misconfigured
    naming the file and the field.
    """
    return read_service_levels(company.table("sla"), company.table("hours"))


def read_service_levels(sla: dict[str, Any], hours: dict[str, Any]) -> ServiceLevels:
    """The same from two tables as TOML gives them."""
    named = {name: value for name, value in sla.items() if name in ("warn_at", "tiers")}
    named["policies"] = {name: value for name, value in sla.items() if name not in named}
    table = _shape(named, SlaTable, SLA)
    _check_names(table.policies.keys(), PRIORITIES, "priority")
    _check_names(table.tiers.keys(), TIERS, "tiers")
    worked = read_hours(hours)
    policies = {name: _policy(row, worked, table.warn_at) for name, row in table.policies.items()}
    return ServiceLevels(policies, table.tiers, worked)


def read_hours(table: dict[str, Any]) -> Hours:
    """Business hours from hours.toml's table; raises Misconfigured."""
    raw = _shape(table, HoursTable, HOURS)
    _check_place(raw)
    for name in raw.week:
        if name not in DAYS:
            raise Misconfigured(f"{HOURS}: week.{name}: not a day: use {', '.join(DAYS)}")
    week = tuple(_read_day(name, raw.week.get(name, [])) for name in DAYS)
    if not any(week):
        raise Misconfigured(f"{HOURS}: week: nobody ever works: give at least one day its hours")
    return Hours(raw.timezone, week, raw.country, raw.subdivision, frozenset(raw.closed))


def _policy(row: PolicyRow, hours: Hours, warn_at: int) -> Policy:
    clock = ALWAYS if row.clock == "always" else hours
    return Policy(clock, row.first_response, row.next_response, row.resolution, warn_at)


def _check_names(given: Any, wanted: tuple[str, ...], where: str) -> None:
    for name in given:
        if name not in wanted:
            raise Misconfigured(f"{SLA}: {name}: unknown {where}: use {', '.join(wanted)}")
    for name in wanted:
        if name not in given:
            raise Misconfigured(f"{SLA}: {name}: missing in {where}: each of {', '.join(wanted)} is needed")


def _check_place(raw: HoursTable) -> None:
    try:
        ZoneInfo(raw.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{HOURS}: timezone: no time zone {raw.timezone!r}: use one like Europe/Berlin") from error
    if raw.subdivision and not raw.country:
        raise Misconfigured(f"{HOURS}: country: missing, but subdivision is {raw.subdivision!r}")
    for name, place in (("country", (raw.country, "")), ("subdivision", (raw.country, raw.subdivision))):
        try:
            public_holidays(*place, SOME_YEAR)
        except NotImplementedError as error:
            raise Misconfigured(f"{HOURS}: {name}: no holidays are known for {getattr(raw, name)!r}") from error


def _read_day(name: str, times: list[str]) -> tuple[Span, ...]:
    where = f"{HOURS}: week.{name}"
    for time in times:
        if not TIME.fullmatch(time):
            raise Misconfigured(f"{where}: {time!r} is not a time: write 09:00, at most 24:00")
    if len(times) % 2:
        raise Misconfigured(f"{where}: {times[-1]} opens and never closes: give opening and closing times in pairs")
    minutes = [int(time[:2]) * 60 + int(time[3:]) for time in times]
    spans = tuple(zip(minutes[::2], minutes[1::2], strict=True))
    _check_order(spans, where)
    return spans


def _check_order(spans: tuple[Span, ...], where: str) -> None:
    closed_before = 0
    for opens, closes in spans:
        if closes <= opens:
            raise Misconfigured(f"{where}: closes before it opens: split hours that pass midnight at 24:00")
        if opens < closed_before:
            raise Misconfigured(f"{where}: hours overlap: each opening must follow the closing before it")
        closed_before = closes


def _shape(table: Any, kind: type[T], name: str) -> T:
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "policies")
        raise Misconfigured(f"{name}: {where}: {first['msg']}") from error
