"""Business hours and instants for tests."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.domain.hours import Hours, Span

NINE_TO_SIX: tuple[Span, ...] = ((540, 1080),)
WEEKDAYS = (NINE_TO_SIX,) * 5 + ((), ())
BERLIN = Hours("Europe/Berlin", WEEKDAYS, "DE", "BE")
AROUND_THE_CLOCK: tuple[Span, ...] = ((0, 1440),)


def any_hours(timezone: str = "Europe/Berlin", *, country: str = "", closed: frozenset[date] = frozenset()) -> Hours:
    return Hours(timezone, WEEKDAYS, country, "", closed)


def wall(text: str, timezone: str = "Europe/Berlin", *, fold: int = 0) -> int:
    """Epoch milliseconds of a wall-clock time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone), fold=fold).timestamp()) * 1000


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC",
         "Pacific/Auckland", "Africa/Casablanca")  # fmt: skip
instants = st.integers(wall("2024-01-01 00:00"), wall("2027-01-01 00:00"))
edges = st.sampled_from([wall(day) for day in ("2025-03-30 00:00", "2025-10-26 00:00", "2025-06-16 18:00")])
starts = st.one_of(instants, st.tuples(edges, st.integers(-2, 2)).map(sum))
minutes = st.integers(0, 4000)


@st.composite
def spans_of_a_day(draw: st.DrawFn) -> tuple[Span, ...]:
    times = sorted(draw(st.lists(st.integers(0, 1440), max_size=4, unique=True)))
    return tuple(zip(times[::2], times[1::2], strict=False))


@st.composite
def hours_of_work(draw: st.DrawFn) -> Hours:
    week = draw(st.tuples(*[spans_of_a_day() for _ in range(6)]))
    country = draw(st.sampled_from(["", "DE", "US"]))
    closed = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=3))
    return Hours(draw(st.sampled_from(ZONES)), (*week, NINE_TO_SIX), country, "", closed)
