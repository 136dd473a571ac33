"""When people work: weekly hours in a time zone, holidays and own closed days, as exact instants."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from shared.errors import Misconfigured

MINUTE = 60_000
DAY = 86_400_000
EPOCH = date(1970, 1, 1)
LONGEST_REST_DAYS = 400

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` begins on Monday; a day's spans are minutes from local midnight, half-open, ascending and apart.

    `country` and `subdivision` (as the `holidays` library names them) add public holidays, `closed` days of one's own.
    """

    timezone: str
    week: tuple[tuple[Span, ...], ...]
    country: str = ""
    subdivision: str = ""
    closed: frozenset[date] = frozenset()


ALWAYS = Hours("UTC", (((0, 1440),),) * 7)


def add_business_ms(start_ms: int, amount: int, hours: Hours) -> int:
    """The instant by which an `amount` ≥ 0 of business time has passed; both ends of a day's hours belong to it.

    None at all from a closed hour is the next opening. Raises Misconfigured where nobody ever works.
    """
    if never_closes(hours):
        return start_ms + amount
    left = amount
    # The millisecond before: who stands exactly at midnight still stands at the end of the day before.
    for opens, closes in _openings_from(local_day(start_ms - 1, hours.timezone), hours):
        begins = max(opens, start_ms)
        if left <= closes - begins:
            return begins + left
        left -= max(0, closes - begins)
    raise Misconfigured(f"hours.toml: week: nobody works for {LONGEST_REST_DAYS} days")


def business_ms_between(start_ms: int, end_ms: int, hours: Hours) -> int:
    """Business milliseconds from one instant to another; negative where the second is the earlier one."""
    if never_closes(hours):
        return end_ms - start_ms
    if end_ms < start_ms:
        return -business_ms_between(end_ms, start_ms, hours)
    first, last = local_day(start_ms, hours.timezone), local_day(end_ms, hours.timezone)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(
        max(0, min(closes, end_ms) - max(opens, start_ms)) for day in days for opens, closes in openings(hours, day)
    )


def never_closes(hours: Hours) -> bool:
    """Whether business time is simply time."""
    return hours.week == ALWAYS.week and not hours.closed and not hours.country


def local_day(at_ms: int, timezone: str) -> date:
    """The date on the wall where the hours are kept."""
    return datetime.fromtimestamp(at_ms // 1000, ZoneInfo(timezone)).date()


@lru_cache(maxsize=4096)
def openings(hours: Hours, day: date) -> tuple[Span, ...]:
    """A local day's hours as half-open intervals of epoch milliseconds, ascending and apart.

    Exact on the days on which clocks change: an hour that the wall clock leaves out is not there, one that it shows
    twice counts twice.
    """
    if day in hours.closed or day in public_holidays(hours.country, hours.subdivision, day.year):
        return ()
    midnight = (day - EPOCH).days * DAY
    found = [
        (max(midnight + opens * MINUTE - offset, since), min(midnight + closes * MINUTE - offset, until))
        for opens, closes in hours.week[day.weekday()]
        for since, until, offset in _offsets_around(midnight, hours.timezone)
    ]
    return _join_touching(sorted((opens, closes) for opens, closes in found if opens < closes))


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """A year's public holidays; none without a country. Raises NotImplementedError for an unknown place."""
    if not country:
        return frozenset()
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))


def _openings_from(day: date, hours: Hours) -> Iterator[Span]:
    """Every opening from a day on; ends after a rest that no company takes."""
    rested = 0
    for n in count():
        found = openings(hours, day + timedelta(days=n))
        rested = 0 if found else rested + 1
        if rested > LONGEST_REST_DAYS:
            return
        yield from found


def _offsets_around(midnight: int, timezone: str) -> tuple[tuple[int, int, int], ...]:
    """`(since, until, offset)` in milliseconds for the days around a date; a zone changes at most once in them."""
    zone = ZoneInfo(timezone)
    low, high = midnight // 1000 - 2 * 86_400, midnight // 1000 + 3 * 86_400
    before, after = _offset(low, zone), _offset(high, zone)
    if before == after:
        return ((low * 1000, high * 1000, before),)
    change = low + bisect_left(range(low, high), True, key=lambda second: _offset(second, zone) != before)
    return ((low * 1000, change * 1000, before), (change * 1000, high * 1000, after))


def _offset(second: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def _join_touching(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for opens, closes in spans:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)
