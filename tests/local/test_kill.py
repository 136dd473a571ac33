"""F60, I30: a process killed at any moment loses nothing that it was told is stored, and leaves nothing half done."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.local.clock import SystemClock
from adapters.local.documents import LocalDocuments
from adapters.local.events import LocalEvents
from adapters.local.ids import LocalIds
from adapters.local.queue import LocalQueue
from adapters.local.records import LocalRecords, shard_of
from adapters.local.secrets import LocalSecrets
from adapters.local.store import open_store
from adapters.local.timers import LocalTimers
from shared.errors import Misconfigured, NotFound
from shared.ports.records import ABSENT, Batch, Check, Delete, Event, Put, Write

FAR = 4_000_000_000_000  # epoch milliseconds by which every delay is over


@dataclass(frozen=True, slots=True)
class Ports:
    """What the script below calls."""

    records: LocalRecords
    queue: LocalQueue
    events: LocalEvents
    timers: LocalTimers
    documents: LocalDocuments
    secrets: LocalSecrets


@contextmanager
def open_ports(folder: Path) -> Iterator[Ports]:
    store, clock, ids = open_store(folder), SystemClock(), LocalIds()
    queue = LocalQueue(store, clock)
    yield Ports(
        LocalRecords(store, clock),
        queue,
        LocalEvents(queue, clock, {"TicketOpened": ("first", "second")}),
        LocalTimers(store),
        LocalDocuments(folder / "documents", ids),
        LocalSecrets(folder / "secrets", ids),
    )
    store.close()


class Killed:
    """Wraps a port: the `last` call of the process is its end, either `before` it is made or after it has answered."""

    def __init__(self, port: Any, calls: list[int], last: int, before: bool, told: int) -> None:
        self._port, self._calls, self._last, self._before, self._told = port, calls, last, before, told

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._port, name)

        def make_call(*arguments: Any, **named: Any) -> Any:
            self._calls[0] += 1
            if self._before and self._calls[0] == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = call(*arguments, **named)
            os.write(self._told, b".")
            if self._calls[0] == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return make_call


class Child:
    """A process that does `work`, which gets a descriptor to tell on; it never outlives the `with`."""

    def __init__(self, work: Callable[[int], None]) -> None:
        self.heard, told = os.pipe()
        self.status: int | None = None
        self.id = os.fork()
        if self.id == 0:
            os.close(self.heard)
            try:
                work(told)
            finally:
                os._exit(1)
        os.close(told)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self.heard)

    def hear(self) -> bytes:
        """Everything that it tells until its end."""
        return b"".join(iter(lambda: os.read(self.heard, 65_536), b""))

    def kill(self) -> None:
        """End it without warning, if it has not ended yet."""
        if self.status is None:
            os.kill(self.id, signal.SIGKILL)
            self.status = self.end()

    def end(self) -> int:
        """Wait for its end; returns how it ended."""
        if self.status is None:
            _, self.status = os.waitpid(self.id, 0)
        return self.status


def run_script(ports: Any) -> None:
    """A small turn, call by call; STEPS says what each leaves behind."""
    event = Event("e1", "TicketOpened", {"tenant": "t1"})
    ports.records.write(Batch("T|t1|C|c1", [Put("HEAD", {"n": 1}, ABSENT), Put("IN|1", {"text": "hi"})], [event]))
    ports.queue.send("turns", {"conversation": "c1"}, group="t1")
    message = ports.queue.receive("turns", FAR)
    ports.documents.put("raw/c1", b"mail" * 10_000)
    ports.secrets.put("key|c1", b"secret")
    ports.timers.set("later", 1, "sla.sweep", {"c": 1})
    ports.events.publish([event])
    head = ports.records.get("T|t1|C|c1", "HEAD")
    turn = Put("TURN|1", {"reply": "hello"})
    writes: list[Write] = [Put("HEAD", {"n": 2}, head.version), Delete("IN|1"), turn, Check("X", ABSENT)]
    ports.records.write(Batch("T|t1|C|c1", writes, [Event("e2", "TurnCommitted", {})]))
    ports.queue.delete(message)
    waiting = ports.records.pending_events(SHARD)
    ports.records.mark_published([found for found in waiting if found.event.id == "e1"])
    ports.documents.delete("raw/c1")
    ports.secrets.delete("key|c1")
    ports.timers.cancel("later")


def stored(ports: Ports) -> tuple[Any, set[str]]:
    """The rows, and the events that wait: each event is there if and only if its batch is."""
    rows = {row.row: row.body for row in ports.records.query("T|t1|C|c1")}
    return rows, {found.event.id for shard in range(16) for found in ports.records.pending_events(shard)}


def received(ports: Ports) -> list[int]:
    """The attempts of every message that a worker can have now."""
    attempts = []
    while message := ports.queue.receive("turns", FAR):
        attempts.append(message.attempts)
    return attempts


def document(ports: Ports) -> bytes | None:
    try:
        return ports.documents.get("raw/c1")
    except NotFound:
        return None


def secret(ports: Ports) -> list[bytes]:
    try:
        return list(ports.secrets.get("key|c1"))
    except NotFound:
        return []


def told(ports: Ports) -> tuple[int, int]:
    return ports.queue.depth("first"), ports.queue.depth("second")


def timers(ports: Ports) -> list[str]:
    return [timer.name for timer in ports.timers.due(FAR)]


SHARD = shard_of("T|t1|C|c1")
NOTHING: tuple[Any, set[str]] = ({}, set())
FIRST = ({"HEAD": {"n": 1}, "IN|1": {"text": "hi"}}, {"e1"})
SECOND = ({"HEAD": {"n": 2}, "TURN|1": {"reply": "hello"}}, {"e1", "e2"})
PUBLISHED = (SECOND[0], {"e2"})
MAIL = b"mail" * 10_000
# Each port call of the script in its order: what can be looked at afterwards, and how it looks before and after.
Step = tuple[str, Callable[[Ports], Any], Any, Any]
STEPS: tuple[Step, ...] = (
    ("receive a message", stored, NOTHING, FIRST),
    ("send to the queue", received, [], [1]),
    ("lease", received, [1], [2]),
    ("store a mail", document, None, MAIL),
    ("store a key", secret, [], [b"secret"]),
    ("set a timer", timers, [], ["later"]),
    ("publish", told, (0, 0), (1, 1)),
    ("read", stored, FIRST, FIRST),
    ("commit", stored, FIRST, SECOND),
    ("acknowledge", received, [2], []),
    ("ask for events", stored, SECOND, SECOND),
    ("mark published", stored, SECOND, PUBLISHED),
    ("delete a mail", document, MAIL, None),
    ("delete a key", secret, [b"secret"], []),
    ("cancel a timer", timers, ["later"], []),
)


def expected(done: int) -> list[tuple[Callable[[Ports], Any], Any]]:
    """What each look shows after `done` calls: as the last call that changes it left it, else as it was at first."""
    shows: dict[Callable[[Ports], Any], Any] = {}
    for number, (_, look, before, after) in enumerate(STEPS):
        if number < done:
            shows[look] = after
        else:
            shows.setdefault(look, before)
    return list(shows.items())


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("last", range(1, len(STEPS) + 1), ids=[step[0] for step in STEPS])
def test_i30_a_kill_around_any_port_call_leaves_what_was_answered(tmp_path: Path, last: int, before: bool) -> None:
    def work(told_on: int) -> None:
        calls = [0]
        with open_ports(tmp_path) as ports:
            names = ("records", "queue", "events", "timers", "documents", "secrets")
            wrapped = {name: Killed(getattr(ports, name), calls, last, before, told_on) for name in names}
            run_script(SimpleNamespace(**wrapped))

    with Child(work) as child:
        answered = child.hear()
        assert os.WIFSIGNALED(child.end())
    assert len(answered) == last - before
    with open_ports(tmp_path) as ports:
        for look, shows in expected(len(answered)):
            assert look(ports) == shows


def test_r4_a_kill_in_the_middle_of_commits_leaves_no_half_batch_and_loses_no_acknowledged_one(tmp_path: Path) -> None:
    def write_forever(told_on: int) -> None:
        with open_ports(tmp_path) as ports:
            number = 0
            while True:
                number += 1
                writes = [Put(f"ROW|{number}|{part}", {"n": number, "pad": "x" * 3000}) for part in range(6)]
                ports.records.write(Batch(f"T|p{number % 7}", writes, [Event(f"e{number}", "Written", {})]))
                ports.queue.send("turns", {"n": number}, group="t1")
                os.write(told_on, number.to_bytes(4, "big"))

    acknowledged, seen = 0, 0
    for pause in (0.01, 0.031, 0.052, 0.073, 0.094):
        with Child(write_forever) as child:
            select.select([child.heard], [], [], 10)
            time.sleep(pause)
            child.kill()
            answered = child.hear()
        acknowledged = max(acknowledged, int.from_bytes(answered[-4:], "big"))
        with open_ports(tmp_path) as ports:
            parts = [row.body["n"] for part in range(7) for row in ports.records.query(f"T|p{part}", limit=100_000)]
            batches = set(parts)
            assert len(parts) == 6 * len(batches)
            assert set(range(1, acknowledged + 1)) <= batches
            events = {f.event.id for shard in range(16) for f in ports.records.pending_events(shard, limit=100_000)}
            assert events == {f"e{number}" for number in batches}
            seen = max(seen, ports.queue.depth("turns"))
    assert seen >= acknowledged > 0


def test_a_second_writer_is_refused_while_the_first_lives_and_accepted_after_its_kill(tmp_path: Path) -> None:
    def hold(told_on: int) -> None:
        with open_ports(tmp_path):
            os.write(told_on, b".")
            signal.pause()

    with Child(hold) as child:
        assert os.read(child.heard, 1) == b"."
        with pytest.raises(Misconfigured, match=f"in use by process {child.id}"):
            open_store(tmp_path)
        reader = open_store(tmp_path, read_only=True)
        assert LocalRecords(reader, SystemClock()).query("T|t1") == []
    with open_ports(tmp_path) as ports:
        ports.records.write(Batch("T|t1", [Put("HEAD", {})]))
        assert len(LocalRecords(reader, SystemClock()).query("T|t1")) == 1
    reader.close()


def test_a_reader_after_a_kill_sees_what_was_acknowledged_and_creates_nothing(tmp_path: Path) -> None:
    def write_one(_: int) -> None:
        with open_ports(tmp_path) as ports:
            ports.records.write(Batch("T|t1", [Put("HEAD", {})]))
            os.kill(os.getpid(), signal.SIGKILL)

    with Child(write_one) as child:
        assert os.WIFSIGNALED(child.end())
    before = sorted(os.listdir(tmp_path))
    reader = open_store(tmp_path, read_only=True)
    assert len(LocalRecords(reader, SystemClock()).query("T|t1")) == 1
    reader.close()
    assert sorted(os.listdir(tmp_path)) == before
