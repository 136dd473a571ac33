"""How often one caller may ask: a token bucket per caller, kept in `records` so that every worker counts the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.errors import Conflict, Refused, Throttled
from shared.ports.clock import Clock
from shared.ports.records import ABSENT, Batch, Put, Records

TOKEN = 1_000  # rows hold no fractions
TRIES = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` requests at once, refilled at `burst` in `seconds`."""

    burst: int
    seconds: int


# Requirements row 11; administrators have no row: they are not limited.
RATES = {
    "anonymous": Rate(10, 60),
    "authenticated": Rate(100, 60),
    "premium": Rate(1_000, 60),
    "api_key": Rate(1_000, 3_600),
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Thousandths of requests that are left, as of `at` in epoch milliseconds."""

    left: int
    at: int


class RateLimited(Throttled, Refused):
    """A refusal that passes by itself: the request is right, and may be sent again `after` seconds."""

    code = "rate_limited"

    def __init__(self, rate: Rate, after: float) -> None:
        limit, action = f"{rate.burst} requests in {rate.seconds} s", f"try again in {after:.0f} s"
        Refused.__init__(self, "too many requests", field="authorization", limit=limit, action=action)
        self.after = after


def take_token(bucket: Bucket | None, rate: Rate, now: int) -> tuple[Bucket, float]:
    """The bucket after one request, and the seconds to wait: 0 where it is let through.

    A clock that goes back refills nothing and takes nothing away.
    """
    full = rate.burst * TOKEN
    held = bucket or Bucket(full, now)
    moment = max(now, held.at)
    left = min(full, held.left + (moment - held.at) * rate.burst // rate.seconds)
    if left >= TOKEN:
        return Bucket(left - TOKEN, moment), 0.0
    return held, max(1.0, (TOKEN - left) * rate.seconds / (rate.burst * 1_000))


def admit(records: Records, clock: Clock, tenant: str, caller: str, rate: Rate) -> None:
    """Count one request of a caller; raises RateLimited for the first beyond the rate, and where many ask at once."""
    partition = f"T|{tenant}|L|{hashlib.sha256(caller.encode()).hexdigest()[:32]}"
    row, now = f"BUCKET|{rate.burst}|{rate.seconds}", clock.now()
    for _ in range(TRIES):
        found = records.get(partition, row)
        bucket, after = take_token(Bucket(**found.body) if found else None, rate, now)
        if after:
            raise RateLimited(rate, after)
        body = {"left": bucket.left, "at": bucket.at}
        expires = now // 1_000 + 2 * rate.seconds
        try:
            records.write(Batch(partition, (Put(row, body, found.version if found else ABSENT, expires),)))
        except Conflict:
            continue
        return
    raise RateLimited(rate, 1.0)
