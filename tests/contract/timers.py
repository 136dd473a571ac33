"""What every provider's `timers` must do: M1 to M4."""

from __future__ import annotations

import time
from typing import Any, Protocol

import pytest

from shared.errors import InvalidInput, TooLarge
from shared.ports.timers import Timers
from tests.contract.queue import body_of

Fired = tuple[str, dict[str, Any]]


class HasTimers(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def timers(self) -> Timers: ...


class TimersContract:
    """M1 to M4; a subclass supplies `provider`, `fire` and `reopen`."""

    def fire(self, provider: Any, at: int) -> list[Fired]:
        """What the provider calls, as (handler, body), until its clock says `at` (epoch seconds)."""
        raise NotImplementedError

    def reopen(self, provider: Any) -> Any:
        """The same place as a new process finds it."""
        raise NotImplementedError

    def test_m1_a_timer_fires_at_its_time_and_not_before(self, provider: HasTimers) -> None:
        now = int(time.time()) + 1000
        provider.timers.set("T|t1|C|c1|follow up", now, "sla.sweep", {"conversation": "é"})
        assert self.fire(provider, now - 1) == []
        assert self.fire(provider, now) == [("sla.sweep", {"conversation": "é"})]
        assert self.fire(provider, now + 99) == []

    def test_m2_setting_a_name_again_replaces_it(self, provider: HasTimers) -> None:
        now = int(time.time()) + 1000
        provider.timers.set("one", now, "sla.sweep", {"n": 1})
        provider.timers.set("one", now + 50, "sla.sweep", {"n": 2})
        assert self.fire(provider, now) == []
        assert self.fire(provider, now + 50) == [("sla.sweep", {"n": 2})]

    def test_m3_a_timer_is_cancelled_by_name(self, provider: HasTimers) -> None:
        now = int(time.time()) + 1000
        provider.timers.set("one", now, "sla.sweep", {"n": 1})
        provider.timers.set("two", now, "sla.sweep", {"n": 2})
        provider.timers.cancel("one")
        provider.timers.cancel("one")
        assert ("sla.sweep", {"n": 2}) in self.fire(provider, now)

    def test_m4_a_timer_fires_in_the_next_process_and_can_be_replaced_there(self, provider: HasTimers) -> None:
        now = int(time.time()) + 1000
        provider.timers.set("one", now, "sla.sweep", {"n": 1})
        provider.timers.set("two", now, "sla.sweep", {"n": 2})
        later: HasTimers = self.reopen(provider)
        later.timers.set("two", now + 50, "sla.sweep", {"n": 3})
        assert self.fire(later, now - 1) == []
        assert self.fire(later, now) == [("sla.sweep", {"n": 1})]
        assert self.fire(later, now + 50) == [("sla.sweep", {"n": 3})]

    def test_a_name_may_be_set_again_after_it_fired(self, provider: HasTimers) -> None:
        now = int(time.time()) + 1000
        for number in (1, 2):
            provider.timers.set("one", now + number, "sla.sweep", {"n": number})
            assert self.fire(provider, now + number) == [("sla.sweep", {"n": number})]

    def test_bad_timers_are_refused(self, provider: HasTimers) -> None:
        with pytest.raises(InvalidInput):
            provider.timers.set("a?", 1, "sla.sweep", {})
        with pytest.raises(InvalidInput):
            provider.timers.set("a", 1, "sla.sweep", {"a": b"x"})
        with pytest.raises(TooLarge):
            provider.timers.set("a", 1, "sla.sweep", body_of(64 * 1024 + 1))
