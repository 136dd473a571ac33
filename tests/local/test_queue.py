"""The local queue: turns by group, leases, back-off, and a worker that is woken."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.clock import ShiftedClock, SystemClock
from adapters.local.queue import LEASE_SECONDS, MAX_FAILURES, LocalQueue, Waiting
from adapters.local.store import Store, open_store
from adapters.local.timers import LocalTimers
from shared.ports.queue import QueueMessage

CLOCK = SystemClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def queue(store: Store) -> LocalQueue:
    return LocalQueue(store, CLOCK)


def receive(queue: LocalQueue, at: int | None = None) -> QueueMessage:
    message = queue.receive("turns", CLOCK.now() if at is None else at)
    assert message is not None
    return message


def flood(queue: LocalQueue, group: str, count: int) -> None:
    queue.accept([Waiting("turns", group, f'{{"n":{number}}}', CLOCK.now()) for number in range(count)])


def test_t39_a_flood_of_one_tenant_does_not_delay_the_others(queue: LocalQueue) -> None:
    flood(queue, "big", 10_000)
    for tenant in ("small", "", "other"):
        flood(queue, tenant, 2)
    served = [receive(queue).group for _ in range(8)]
    assert sorted(served) == ["", "", "big", "big", "other", "other", "small", "small"]
    started = time.process_time()
    assert {receive(queue).group for _ in range(200)} == {"big"}
    assert time.process_time() - started < 1


def test_messages_of_one_tenant_come_in_the_order_in_which_they_were_sent(queue: LocalQueue) -> None:
    flood(queue, "t1", 5)
    assert [receive(queue).body["n"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_leased_message_is_hidden_until_its_lease_ends(queue: LocalQueue) -> None:
    flood(queue, "t1", 1)
    now = CLOCK.now()
    first = receive(queue, now)
    assert queue.receive("turns", now + LEASE_SECONDS * 1000 - 1) is None
    second = receive(queue, now + LEASE_SECONDS * 1000)
    assert (first.broker_id, first.attempts, second.attempts) == (second.broker_id, 1, 2)


def test_f16_a_worker_that_lost_its_lease_cannot_fail_the_next_ones_delivery(queue: LocalQueue) -> None:
    flood(queue, "t1", 1)
    now = CLOCK.now()
    zombie = receive(queue, now)
    living = receive(queue, now + LEASE_SECONDS * 1000)
    queue.fail(zombie, "late")
    assert queue.receive("turns", now + LEASE_SECONDS * 1000) is None
    queue.delete(living)
    assert queue.depth("turns") == 0


def test_a_message_that_kills_every_worker_becomes_a_dead_letter(queue: LocalQueue) -> None:
    flood(queue, "t1", 1)
    now = CLOCK.now()
    for died in range(MAX_FAILURES):
        receive(queue, now + died * LEASE_SECONDS * 1000)
    assert queue.receive("turns", now + MAX_FAILURES * LEASE_SECONDS * 1000) is None
    (dead,) = queue.dead_letters("turns")
    assert (dead.body, dead.attempts) == ({"n": 0}, MAX_FAILURES)
    assert "died" in dead.last_error


def test_q5_the_delay_grows_with_every_failure(store: Store) -> None:
    queue = LocalQueue(store, CLOCK, backoff_seconds=(1, 10, 100))
    flood(queue, "t1", 1)
    now, pauses = CLOCK.now(), list[int]()
    for _ in range(4):
        queue.fail(receive(queue, now), "no")
        visible = queue.next_at("turns")
        assert visible is not None
        pauses.append(round((visible - CLOCK.now()) / 1000))
        now = visible
    assert pauses == [1, 10, 100, 100]


def test_a_delayed_message_waits_and_says_until_when(queue: LocalQueue) -> None:
    queue.send("turns", {}, group="t1", delay_seconds=60)
    assert queue.receive("turns", CLOCK.now()) is None
    visible = queue.next_at("turns")
    assert visible is not None
    assert receive(queue, visible).body == {}
    assert queue.next_at("nothing") is None


def test_leases_are_void_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    first = open_store(tmp_path / "data")
    before = LocalQueue(first, CLOCK)
    flood(before, "t1", 1)
    receive(before)
    first.close()
    second = open_store(tmp_path / "data")
    assert receive(LocalQueue(second, CLOCK)).attempts == 2
    second.close()


def test_a_waiting_worker_is_woken_by_a_message(queue: LocalQueue) -> None:
    threading.Timer(0.05, lambda: queue.send("turns", {}, group="t1")).start()
    started = time.monotonic()
    queue.wait(10)
    assert time.monotonic() - started < 5
    receive(queue)


def test_every_message_is_leased_by_one_of_many_workers(queue: LocalQueue) -> None:
    flood(queue, "t1", 60)
    flood(queue, "t2", 60)
    seen: list[str] = []

    def work() -> None:
        while message := queue.receive("turns", CLOCK.now()):
            seen.append(message.broker_id)
            queue.delete(message)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(seen) == len(set(seen)) == 120


def test_due_timers_move_into_the_queue_of_their_handler(store: Store, queue: LocalQueue) -> None:
    timers, clock = LocalTimers(store), ShiftedClock(CLOCK)
    at = clock.now() // 1000 + 100
    timers.set("later", at + 1, "sla.sweep", {"n": 2})
    timers.set("now", at, "sla.sweep", {"n": 1})
    assert timers.fire(queue, at * 1000 - 1) == 0
    assert timers.fire(queue, at * 1000) == 1
    message = queue.receive("sla.sweep", at * 1000)
    assert message is not None
    assert message.body == {"n": 1}
    assert [timer.name for timer in timers.due(at * 1000 + 5000)] == ["later"]


def test_a_timer_that_was_set_again_while_it_fired_stays(store: Store) -> None:
    timers = LocalTimers(store)
    timers.set("one", 1, "sla.sweep", {"n": 1})
    (fired,) = timers.due(5000)
    timers.set("one", 2, "sla.sweep", {"n": 2})
    timers.done(fired)
    assert [timer.body for timer in timers.due(5000)] == [{"n": 2}]


def test_a_quiet_queue_is_not_looked_at_until_something_can_be_visible(queue: LocalQueue) -> None:
    assert queue.receive("turns", CLOCK.now()) is None
    flood(queue, "t1", 1)
    assert receive(queue).body == {"n": 0}
    assert queue.receive("turns", CLOCK.now()) is None
    assert queue.quiet_until("turns") > CLOCK.now() + (LEASE_SECONDS - 5) * 1000
    queue.send("turns", {"n": 1}, group="t2", delay_seconds=30)
    assert queue.quiet_until("turns") <= CLOCK.now() + 30_000
    assert receive(queue, CLOCK.now() + 30_000).body == {"n": 1}


def test_a_failure_wakes_a_quiet_queue(store: Store) -> None:
    queue = LocalQueue(store, CLOCK, backoff_seconds=(0,))
    flood(queue, "t1", 1)
    message = receive(queue)
    assert queue.receive("turns", CLOCK.now()) is None
    queue.fail(message, "no")
    assert receive(queue).attempts == 2


def test_a_redrive_wakes_a_quiet_queue(store: Store) -> None:
    queue = LocalQueue(store, CLOCK, max_failures=1)
    flood(queue, "t1", 1)
    queue.fail(receive(queue), "no")
    assert queue.receive("turns", CLOCK.now()) is None
    assert queue.redrive("turns") == 1
    assert receive(queue).body == {"n": 0}
