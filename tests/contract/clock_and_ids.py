"""What every provider's `clock`, `ids` and `telemetry` must do: K1 to K3, I1, L1 and L2."""

from __future__ import annotations

import re
import time
from typing import Any, Protocol

from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.telemetry import Telemetry


class HasSmallPorts(Protocol):
    """The part of a provider that these contracts use."""

    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def telemetry(self) -> Telemetry: ...


class ClockContract:
    """K1 to K3; a subclass supplies `provider` and `another_clock`."""

    def another_clock(self, provider: Any) -> Clock:
        """The clock that another worker of the same place reads."""
        raise NotImplementedError

    def test_k1_now_is_epoch_milliseconds(self, provider: HasSmallPorts) -> None:
        assert abs(provider.clock.now() - time.time() * 1000) < 300_000
        assert type(provider.clock.now()) is int

    def test_k2_monotonic_never_goes_back(self, provider: HasSmallPorts) -> None:
        readings = [provider.clock.monotonic() for _ in range(1000)]
        assert readings == sorted(readings)

    def test_k3_the_skew_is_milliseconds_that_another_workers_clock_keeps_to(self, provider: HasSmallPorts) -> None:
        skew, other = provider.clock.skew(), self.another_clock(provider)
        assert type(skew) is int
        assert skew >= 0
        assert other.skew() == skew
        before = provider.clock.now()
        there = other.now()
        assert before - skew <= there <= provider.clock.now() + skew


class IdsContract:
    """I1."""

    def test_i1_two_calls_never_return_the_same_id(self, provider: HasSmallPorts) -> None:
        found = [provider.ids.new("tk") for _ in range(10_000)]
        assert len(set(found)) == 10_000
        assert all(re.fullmatch("tk[a-z0-9]+", made) for made in found)


class TelemetryContract:
    """L1 and L2; a subclass supplies `provider` and `told`."""

    def told(self, provider: Any) -> str:
        """Everything that telemetry has let out, as text."""
        raise NotImplementedError

    def test_l1_codes_pass_and_customer_text_does_not(self, provider: HasSmallPorts) -> None:
        provider.telemetry.fact("turn_committed", outcome="resolved", turn=3, fast=True, reason=None)
        provider.telemetry.fact("turn_failed", error="my card is 4111 1111", who="ann@example.com")
        provider.telemetry.count("turns", 2, outcome="resolved", customer="Ann Example")
        told = self.told(provider)
        assert "turn_committed" in told
        assert "resolved" in told
        assert not re.search("card|4111|ann@|Ann", told)

    def test_l2_it_never_raises(self, provider: HasSmallPorts) -> None:
        odd: Any = {"set": {1}, "bytes": b"x", "object": object(), "text": "\ud800\x00"}
        provider.telemetry.fact("odd", **odd)
        provider.telemetry.count("odd", 1, **odd)
