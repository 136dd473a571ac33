"""What every provider's `queue` must do: Q1 to Q9. `deliver` is how the provider's own consumer is driven in a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from shared.errors import InvalidInput, TooLarge
from shared.ports.queue import MAX_BODY_BYTES, Queue, QueueMessage

Handle = Callable[[QueueMessage], None]

MOST_SECONDS_A_CALL = 5 * 60
SECONDS_KEPT = 7 * 86_400

_fresh = itertools.count()


class HasQueue(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def queue(self) -> Queue: ...


def any_queue() -> str:
    return f"turns{next(_fresh)}"


def refuse(_: QueueMessage) -> None:
    """A handler that always fails."""
    raise RuntimeError("no luck")


def body_of(size: int, letter: str = "x") -> dict[str, Any]:
    """A body whose JSON has exactly `size` bytes."""
    return {"text": letter * ((size - len('{"text":""}')) // len(letter.encode()))}


class QueueContract:
    """Q1 to Q9; a subclass supplies `provider`, `deliver` and `hands_out`."""

    def deliver(self, provider: Any, queue: str, handle: Handle) -> int:
        """Give every message to `handle` until none is left, waiting out every delay; a raise is a failure.

        Returns the number of deliveries.
        """
        raise NotImplementedError

    def hands_out(self, provider: Any, queue: str, *, after: int) -> bool:
        """Whether the queue would give a message to another worker in `after` seconds; ends the test's use of it."""
        raise NotImplementedError

    def test_q1_what_is_sent_is_delivered_as_it_was(self, provider: HasQueue) -> None:
        queue, seen = any_queue(), list[QueueMessage]()
        body = {"conversation": "c1", "n": [1, None, {"é": "😀\x00"}]}
        provider.queue.send(queue, body, group="t1")
        assert self.deliver(provider, queue, seen.append) == 1
        assert (seen[0].queue, seen[0].body, seen[0].group) == (queue, body, "t1")
        assert seen[0].broker_id
        assert list(provider.queue.dead_letters(queue)) == []

    def test_q2_a_message_does_not_wait_for_an_earlier_one(self, provider: HasQueue) -> None:
        queue, done = any_queue(), list[int]()
        for number in range(3):
            provider.queue.send(queue, {"n": number}, group="t1")

        def begin_with_the_last(message: QueueMessage) -> None:
            if message.body["n"] == 0 and 2 not in done:
                raise RuntimeError("not yet")
            done.append(message.body["n"])

        self.deliver(provider, queue, begin_with_the_last)
        assert set(done) == {0, 1, 2}
        assert list(provider.queue.dead_letters(queue)) == []

    def test_q4_a_call_gets_one_message(self, provider: HasQueue) -> None:
        queue, seen = any_queue(), list[QueueMessage]()
        for number in range(12):
            provider.queue.send(queue, {"n": number}, group=f"t{number % 2}")
        calls = self.deliver(provider, queue, seen.append)
        assert len(seen) == calls
        assert {message.body["n"] for message in seen} == set(range(12))

    def test_q4_nobody_else_gets_a_message_while_its_call_may_still_run(self, provider: HasQueue) -> None:
        queue, elsewhere = any_queue(), list[bool]()
        provider.queue.send(queue, {"n": 1}, group="t1")
        self.deliver(
            provider, queue, lambda _: elsewhere.append(self.hands_out(provider, queue, after=MOST_SECONDS_A_CALL))
        )
        assert elsewhere[0] is False

    def test_q9_a_message_waits_seven_days(self, provider: HasQueue) -> None:
        queue = any_queue()
        provider.queue.send(queue, {"n": 1}, group="t1")
        assert self.hands_out(provider, queue, after=SECONDS_KEPT) is True

    def test_q8_nothing_is_deduplicated(self, provider: HasQueue) -> None:
        queue, seen = any_queue(), list[QueueMessage]()
        for _ in range(3):
            provider.queue.send(queue, {"same": 1}, group="t1")
        self.deliver(provider, queue, seen.append)
        assert len({message.broker_id for message in seen}) == 3

    def test_q5_a_failure_is_delivered_again_until_it_succeeds(self, provider: HasQueue) -> None:
        queue, tries = any_queue(), itertools.count(1)
        provider.queue.send(queue, {"n": 1}, group="t1")

        def fail_twice(_: QueueMessage) -> None:
            if next(tries) < 3:
                raise RuntimeError("not yet")

        assert self.deliver(provider, queue, fail_twice) == 3
        assert list(provider.queue.dead_letters(queue)) == []

    def test_q6_after_five_or_more_failures_it_is_a_dead_letter_with_its_body(self, provider: HasQueue) -> None:
        queue = any_queue()
        provider.queue.send(queue, {"poison": "é"}, group="t1")
        failures = self.deliver(provider, queue, refuse)
        (dead,) = provider.queue.dead_letters(queue)
        assert failures >= 5
        assert (dead.body, dead.group, dead.attempts) == ({"poison": "é"}, "t1", failures)
        assert self.deliver(provider, queue, refuse) == 0

    def test_i16_a_poisoned_message_does_not_stop_the_others(self, provider: HasQueue) -> None:
        queue, done = any_queue(), list[int]()
        for number in range(4):
            provider.queue.send(queue, {"n": number}, group="t1")

        def choke_on_two(message: QueueMessage) -> None:
            if message.body["n"] == 2:
                raise RuntimeError("poison")
            done.append(message.body["n"])

        self.deliver(provider, queue, choke_on_two)
        assert sorted(done) == [0, 1, 3]
        assert [dead.body for dead in provider.queue.dead_letters(queue)] == [{"n": 2}]

    def test_q7_a_redrive_delivers_again_under_a_new_broker_id(self, provider: HasQueue) -> None:
        queue, seen = any_queue(), list[QueueMessage]()
        provider.queue.send(queue, {"n": 1}, group="t1")
        self.deliver(provider, queue, refuse)
        (dead,) = provider.queue.dead_letters(queue)
        assert provider.queue.redrive(queue) == 1
        assert list(provider.queue.dead_letters(queue)) == []
        assert self.deliver(provider, queue, seen.append) == 1
        assert seen[0].body == dead.body
        assert seen[0].broker_id != dead.broker_id
        assert provider.queue.redrive(queue) == 0

    def test_q7_a_redrive_takes_no_more_than_asked(self, provider: HasQueue) -> None:
        queue = any_queue()
        for number in range(3):
            provider.queue.send(queue, {"n": number}, group="t1")
        self.deliver(provider, queue, refuse)
        assert len(provider.queue.dead_letters(queue, limit=2)) == 2
        assert provider.queue.redrive(queue, limit=2) == 2
        assert len(provider.queue.dead_letters(queue)) == 1

    def test_queues_do_not_see_each_others_messages(self, provider: HasQueue) -> None:
        first, second = any_queue(), any_queue()
        provider.queue.send(first, {"n": 1}, group="t1")
        assert self.deliver(provider, second, refuse) == 0
        assert self.deliver(provider, first, lambda message: None) == 1

    def test_a_delayed_message_is_delivered_too(self, provider: HasQueue) -> None:
        queue = any_queue()
        provider.queue.send(queue, {"n": 1}, group="t1", delay_seconds=3)
        assert self.deliver(provider, queue, lambda message: None) == 1

    @pytest.mark.parametrize("letter", ["x", "é"])
    def test_q3_a_body_of_64_kilobytes_is_kept_and_one_byte_more_refused(self, provider: HasQueue, letter: str) -> None:
        queue, seen = any_queue(), list[QueueMessage]()
        largest = body_of(MAX_BODY_BYTES - 1, letter) | {}
        provider.queue.send(queue, largest, group="t1")
        with pytest.raises(TooLarge):
            provider.queue.send(queue, body_of(MAX_BODY_BYTES + 2, letter), group="t1")
        self.deliver(provider, queue, seen.append)
        assert [message.body for message in seen] == [largest]

    def test_q3_what_is_no_json_object_is_refused(self, provider: HasQueue) -> None:
        bad: list[Any] = [{"a": b"x"}, {"a": float("nan")}, [], None]
        for body in bad:
            with pytest.raises(InvalidInput):
                provider.queue.send(any_queue(), body, group="t1")
