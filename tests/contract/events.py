"""What every provider's `events` must do: E1 to E5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pytest

from shared.errors import InvalidInput, TooLarge
from shared.ports.events import Events
from shared.ports.records import Event
from tests.contract.queue import body_of

# A provider under test is built with these: the name of an event -> the handlers that are told.
SUBSCRIPTIONS: Mapping[str, tuple[str, ...]] = {
    "TicketOpened": ("contract.first", "contract.second"),
    "TicketClosed": ("contract.second",),
}
Told = Callable[[Event], None]


class HasEvents(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def events(self) -> Events: ...


class Subscriber:
    """Remembers what it was told, and fails as often as it was asked to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.told = failures, list[Event]()

    def __call__(self, event: Event) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not yet")
        self.told.append(event)


class EventsContract:
    """E1 to E5; a subclass supplies `provider`, `deliver` and `reopen`."""

    def deliver(self, provider: Any, handlers: Mapping[str, Told]) -> None:
        """Tell every waiting event to its handlers, with the provider's retries, until nothing waits."""
        raise NotImplementedError

    def reopen(self, provider: Any) -> Any:
        """The same place as a new process finds it."""
        raise NotImplementedError

    def test_e1_every_subscriber_of_the_name_is_told(self, provider: HasEvents) -> None:
        first, second = Subscriber(), Subscriber()
        opened, closed = Event("e1", "TicketOpened", {"tenant": "t1", "x": "é"}), Event("e2", "TicketClosed", {})
        provider.events.publish([opened, closed])
        self.deliver(provider, {"contract.first": first, "contract.second": second})
        assert first.told == [opened]
        assert sorted(second.told, key=lambda event: event.id) == [opened, closed]

    def test_e2_an_event_does_not_wait_for_an_earlier_one(self, provider: HasEvents) -> None:
        told: list[str] = []

        def begin_with_the_last(event: Event) -> None:
            if event.id == "e0" and "e2" not in told:
                raise RuntimeError("not yet")
            told.append(event.id)

        provider.events.publish([Event(f"e{number}", "TicketClosed", {}) for number in range(3)])
        self.deliver(provider, {"contract.second": begin_with_the_last})
        assert set(told) == {"e0", "e1", "e2"}

    def test_e5_what_was_published_is_told_in_the_next_process(self, provider: HasEvents) -> None:
        first, second = Subscriber(), Subscriber()
        events = [Event(f"e{number}", "TicketOpened", {"n": number}) for number in range(3)]
        provider.events.publish(events)
        self.deliver(self.reopen(provider), {"contract.first": first, "contract.second": second})
        for subscriber in (first, second):
            assert sorted(subscriber.told, key=lambda event: event.id) == events

    def test_e4_a_subscriber_that_fails_is_told_again_alone(self, provider: HasEvents) -> None:
        failing, healthy = Subscriber(failures=3), Subscriber()
        events = [Event(f"e{number}", "TicketOpened", {"n": number}) for number in range(3)]
        provider.events.publish(events)
        self.deliver(provider, {"contract.first": failing, "contract.second": healthy})
        assert {event.id for event in failing.told} == {"e0", "e1", "e2"}
        assert Counter(event.id for event in healthy.told) == {"e0": 1, "e1": 1, "e2": 1}

    def test_an_event_without_subscribers_is_accepted(self, provider: HasEvents) -> None:
        only = Subscriber()
        provider.events.publish([Event("e1", "NobodyListens", {})])
        provider.events.publish([])
        self.deliver(provider, {"contract.first": only, "contract.second": only})
        assert only.told == []

    def test_e3_a_body_of_64_kilobytes_is_told_and_a_larger_one_refused(self, provider: HasEvents) -> None:
        only = Subscriber()
        largest = Event("e1", "TicketClosed", body_of(64 * 1024))
        provider.events.publish([largest])
        with pytest.raises(TooLarge):
            provider.events.publish(
                [Event("e2", "TicketClosed", {}), Event("e3", "TicketClosed", body_of(64 * 1024 + 1))]
            )
        with pytest.raises(InvalidInput):
            provider.events.publish([Event("e4", "TicketClosed", {"a": b"x"})])
        self.deliver(provider, {"contract.second": only})
        assert only.told == [largest]
