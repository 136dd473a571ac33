"""Token buckets: how many requests pass in any stretch of time, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.access.rate_limits import RATES, Bucket, Rate, RateLimited, admit, take_token
from shared.errors import Refused, Throttled
from tests.builders.mails import NOON, FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def records(tmp_path: Path, clock: FixedClock) -> Iterator[LocalRecords]:
    store = open_store(tmp_path / "data")
    yield LocalRecords(store, clock)
    store.close()


def test_the_eleventh_anonymous_request_of_a_minute_waits(records: LocalRecords, clock: FixedClock) -> None:
    for _ in range(10):
        admit(records, clock, "acme", "127.0.0.1", RATES["anonymous"])
    with pytest.raises(RateLimited) as caught:
        admit(records, clock, "acme", "127.0.0.1", RATES["anonymous"])
    assert isinstance(caught.value, Throttled)
    assert isinstance(caught.value, Refused)
    assert caught.value.body() | {"action": ""} == {
        "code": "rate_limited", "field": "authorization", "limit": "10 requests in 60 s", "action": "",
    }  # fmt: skip
    clock.at += round(caught.value.after * 1000)
    admit(records, clock, "acme", "127.0.0.1", RATES["anonymous"])


def test_one_caller_uses_up_nobody_elses_requests(records: LocalRecords, clock: FixedClock) -> None:
    once = Rate(1, 60)
    for tenant, caller in (("acme", "a"), ("acme", "b"), ("other", "a")):
        admit(records, clock, tenant, caller, once)
    with pytest.raises(RateLimited):
        admit(records, clock, "acme", "a", once)


def test_the_tiers_are_those_of_the_requirements() -> None:
    assert {name: (rate.burst, rate.seconds) for name, rate in RATES.items()} == {
        "anonymous": (10, 60), "authenticated": (100, 60), "premium": (1_000, 60), "api_key": (1_000, 3_600),
    }  # fmt: skip


@given(
    st.sampled_from([*RATES.values(), Rate(1, 1), Rate(3, 7)]),
    st.lists(st.integers(-90_000, 90_000) | st.just(0), max_size=60),
)
def test_no_stretch_of_time_lets_more_through_than_burst_and_refill(rate: Rate, steps: list[int]) -> None:
    bucket: Bucket | None = None
    first = latest = now = NOON
    passed = 0
    for step in [0, *steps]:
        now += step
        latest = max(latest, now)
        bucket, after = take_token(bucket, rate, now)
        passed += not after
        assert 0 <= bucket.left <= rate.burst * 1_000
        assert after == 0 or after >= 1
    assert passed <= rate.burst + (latest - first) * rate.burst / (rate.seconds * 1_000)


@given(st.sampled_from(list(RATES.values())), st.integers(0, 999))
def test_whoever_waits_as_long_as_told_is_let_through(rate: Rate, left: int) -> None:
    held, after = take_token(Bucket(left, NOON), rate, NOON)
    assert take_token(held, rate, NOON + round(after * 1000) + 1)[1] == 0
