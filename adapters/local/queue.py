"""A work queue in SQLite: leases, back-off, dead letters, and turns by group (Q1 to Q9)."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.local.store import Store
from shared.errors import InvalidInput
from shared.ports.clock import Clock
from shared.ports.limits import encode_message
from shared.ports.queue import QueueMessage

LEASE_SECONDS = 330  # longer than the longest handler (Q4)
MAX_FAILURES = 5
BACKOFF_SECONDS = (1, 5, 20, 60)
LONGEST_ERROR = 500
NEVER = 2**62  # later than any time in milliseconds
DIED = "the worker died or took longer than its lease"

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS messages (
         number INTEGER PRIMARY KEY, queue TEXT NOT NULL, grp TEXT NOT NULL, body TEXT NOT NULL,
         visible_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, leased INTEGER NOT NULL DEFAULT 0,
         dead INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX IF NOT EXISTS messages_to_do ON messages (queue, grp, visible_at, number) WHERE dead = 0",
    "CREATE INDEX IF NOT EXISTS messages_dead ON messages (queue, number) WHERE dead = 1",
)
_ADD = "INSERT INTO messages (number, queue, grp, body, visible_at) VALUES (?, ?, ?, ?, ?)"
_GROUP_AFTER = "SELECT grp FROM messages WHERE dead = 0 AND queue = ? AND grp > ? ORDER BY grp LIMIT 1"
_FIRST_OF_GROUP = """
    SELECT number, queue, body, grp, attempts, last_error FROM messages
    WHERE dead = 0 AND queue = ? AND grp = ? AND visible_at <= ? ORDER BY visible_at, number LIMIT 1
"""
_LEASE = "UPDATE messages SET visible_at = ?, attempts = attempts + 1, leased = 1 WHERE number = ?"
_RETRY = """
    UPDATE messages SET visible_at = ?, leased = 0, last_error = ?
    WHERE number = ? AND attempts = ? AND leased = 1 AND dead = 0
"""
_BURY = "UPDATE messages SET dead = 1, leased = 0, last_error = ? WHERE number = ? AND attempts = ? AND dead = 0"
_VOID_LEASES = "UPDATE messages SET visible_at = 0, leased = 0 WHERE leased = 1"
_DELETE = "DELETE FROM messages WHERE number = ? AND dead = 0"
_DEAD = """
    SELECT number, queue, body, grp, attempts, last_error FROM messages
    WHERE dead = 1 AND queue = ? ORDER BY number LIMIT ?
"""
_REVIVE = """
    UPDATE messages SET number = ?, visible_at = ?, attempts = 0, dead = 0, last_error = '' WHERE number = ?
"""
_NEXT_AT = "SELECT min(visible_at) FROM messages WHERE dead = 0 AND queue = ?"
_ANY_TWO = "SELECT 1 FROM messages WHERE dead = 0 AND queue = ? LIMIT 2"
_DEPTH = "SELECT count(*) FROM messages WHERE dead = 0 AND queue = ?"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message on its way into the table: its body as JSON text, visible from `visible_at` (epoch milliseconds)."""

    queue: str
    group: str
    text: str
    visible_at: int


class LocalQueue:
    """The `queue` port on one data folder, and what its workers use to receive.

    Only what would lose work waits for the disk: a lease or an acknowledgement that a loss of power undoes means one
    delivery more, which Q1 allows. All of it survives the process. A data folder has one writer, so what makes a
    message visible passes here, and a queue in which nothing can be visible yet is not looked at.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        lease_seconds: int = LEASE_SECONDS,
        max_failures: int = MAX_FAILURES,
        backoff_seconds: Sequence[int] = BACKOFF_SECONDS,
    ) -> None:
        self._store, self._clock = store, clock
        self._lease_seconds, self._max_failures, self._backoff = lease_seconds, max_failures, tuple(backoff_seconds)
        self._last_group: dict[str, str] = {}
        self._quiet_until: dict[str, int] = {}
        self._woken = threading.Event()
        store.define(SCHEMA)
        if not store.read_only:
            # This process is the only one that works on the folder, so whoever held a lease is dead.
            store.transact(lambda connection: connection.execute(_VOID_LEASES), durable=False)

    def send(self, queue: str, body: dict[str, Any], *, group: str, delay_seconds: int = 0) -> None:
        """Enqueue durably (Q3)."""
        if not queue or delay_seconds < 0:
            raise InvalidInput("a queue", field="queue", limit="a name, a delay from 0", action="name the queue")
        text = encode_message(body, f"queue {queue}")
        self.accept([Waiting(queue, group, text, self._clock.now() + delay_seconds * 1000)])

    def accept(self, messages: Sequence[Waiting]) -> None:
        """Enqueue all of these messages or none, durably."""
        self._store.transact(lambda connection: self.insert(connection, messages))
        self._woken.set()

    def insert(self, connection: sqlite3.Connection, messages: Sequence[Waiting]) -> None:
        """Enqueue inside a transaction of the same store."""
        connection.executemany(
            _ADD,
            [(self._store.next_number(), each.queue, each.group, each.text, each.visible_at) for each in messages],
        )
        for each in messages:
            self._expect(each.queue, each.visible_at)

    def receive(self, queue: str, now: int) -> QueueMessage | None:
        """Lease the next message that is visible at `now` (epoch ms), one group after the other; None where none is."""
        if now < self.quiet_until(queue):
            return None
        until = now + self._lease_seconds * 1000

        def lease(connection: sqlite3.Connection) -> QueueMessage | None:
            for group in self._groups(connection, queue):
                while found := connection.execute(_FIRST_OF_GROUP, (queue, group, now)).fetchone():
                    number, attempts = found[0], found[4]
                    if attempts >= self._max_failures:
                        connection.execute(_BURY, (DIED, number, attempts))
                        continue
                    connection.execute(_LEASE, (until, number))
                    self._last_group[queue] = group
                    if len(connection.execute(_ANY_TWO, (queue,)).fetchall()) == 1:
                        self._quiet_until[queue] = until
                    return _message((*found[:4], attempts + 1, found[5]))
            (soonest,) = connection.execute(_NEXT_AT, (queue,)).fetchone()
            self._quiet_until[queue] = NEVER if soonest is None else soonest
            return None

        return self._store.transact(lease, durable=False)

    def wait(self, seconds: float) -> None:
        """Sleep until something is sent, at most so long; a worker that received nothing calls this."""
        self._woken.wait(seconds)
        self._woken.clear()

    def delete(self, message: QueueMessage) -> None:
        """Acknowledge: the message is done, whoever holds its lease now."""
        self._store.transact(lambda connection: connection.execute(_DELETE, (_number(message),)), durable=False)

    def fail(self, message: QueueMessage, error: str) -> None:
        """Give a message back, to be seen later or to be a dead letter (Q5, Q6); a stale delivery changes nothing."""
        place = (_number(message), message.attempts)
        text = error[:LONGEST_ERROR]
        if message.attempts >= self._max_failures:
            self._store.transact(lambda connection: connection.execute(_BURY, (text, *place)))
            return
        pause = self._backoff[min(message.attempts, len(self._backoff)) - 1] if self._backoff else 0
        again = self._clock.now() + pause * 1000

        def retry(connection: sqlite3.Connection) -> None:
            connection.execute(_RETRY, (again, text, *place))
            self._expect(message.queue, again)

        self._store.transact(retry, durable=False)

    def dead_letters(self, queue: str, *, limit: int = 100) -> Sequence[QueueMessage]:
        """What failed too often, oldest first (Q6)."""
        return [_message(found) for found in self._store.read(_DEAD, (queue, limit))]

    def redrive(self, queue: str, *, limit: int = 100) -> int:
        """Send dead letters back to work as new messages (Q7)."""
        now = self._clock.now()

        def revive(connection: sqlite3.Connection) -> int:
            dead = [found[0] for found in connection.execute(_DEAD, (queue, limit)).fetchall()]
            connection.executemany(_REVIVE, [(self._store.next_number(), now, number) for number in dead])
            self._expect(queue, now)
            return len(dead)

        revived = self._store.transact(revive)
        self._woken.set()
        return revived

    def depth(self, queue: str) -> int:
        """How many messages wait or are being worked on."""
        return int(self._store.read(_DEPTH, (queue,))[0][0])

    def next_at(self, queue: str) -> int | None:
        """When the next message is or becomes visible (epoch ms), or None where the queue is empty."""
        if self.quiet_until(queue) == NEVER:
            return None
        found: int | None = self._store.read(_NEXT_AT, (queue,))[0][0]
        return found

    def quiet_until(self, queue: str) -> int:
        """No message is visible before this time (epoch ms); known without looking, so perhaps too early."""
        return self._quiet_until.get(queue, 0)

    def _expect(self, queue: str, at: int) -> None:
        """Look at the queue from `at` on; called inside a transaction, as is what says that a queue is quiet."""
        if at < self.quiet_until(queue):
            self._quiet_until[queue] = at

    def _groups(self, connection: sqlite3.Connection, queue: str) -> Iterator[str]:
        """The groups with messages, beginning behind the one that was served last and ending with it."""
        last = self._last_group.get(queue)
        if last is not None:
            yield from _groups_after(connection, queue, last, None)
        yield from _groups_after(connection, queue, None, last)


def _groups_after(connection: sqlite3.Connection, queue: str, after: str | None, until: str | None) -> Iterator[str]:
    group = after
    if group is None:
        yield ""  # the group without a name sorts before every other
        group = ""
    while found := connection.execute(_GROUP_AFTER, (queue, group)).fetchone():
        (group,) = found
        if until is not None and group > until:
            return
        yield group


def _message(found: tuple[int, str, str, str, int, str]) -> QueueMessage:
    number, queue, body, group, attempts, last_error = found
    return QueueMessage(f"m{number:x}", queue, json.loads(body), group, attempts, last_error)


def _number(message: QueueMessage) -> int:
    return int(message.broker_id[1:], 16)
