"""Starts, deaths, zombies, takeovers and commits in any order: every message is answered once, by one living turn."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.conversations.claim import LEASE_MS
from shared.conversations.head import read_head
from shared.conversations.keys import conversation_partition
from shared.domain.conversation import hand_back, owner_kind, take_over
from shared.domain.events import TURN_COMMITTED
from shared.errors import WrongState
from tests.builders.conversations import (
    CONVERSATION,
    NOON,
    TENANT,
    any_end,
    arrive,
    change_head,
    commit,
    head_of,
    start,
    waiting_ids,
)
from tests.builders.events import told


class Turns(RuleBasedStateMachine):
    """An execution is known by its name and keeps the payload it first began with, as an engine's journal does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(Path(self.folder.name))
        self.records = LocalRecords(self.store, SystemClock())
        self.now, self.fence = NOON, 0
        self.started: list[str] = []
        self.running: dict[str, dict[str, Any]] = {}
        self.said: list[str] = []

    @rule()
    def message_arrives(self) -> None:
        message = f"m{len(self.started)}"
        try:
            claim = arrive(self.records, message, self.now)
        except WrongState:
            return
        if claim.state != "died":
            self.started.append(message)
        if claim.state == "claimed":
            self.running[claim.execution] = claim.payload

    @precondition(lambda self: self.started)
    @rule(data=st.data())
    def start_is_delivered_again(self, data: st.DataObject) -> None:
        claim = start(self.records, data.draw(st.sampled_from(self.started)), self.now)
        if claim.state in ("claimed", "joined"):
            self.running.setdefault(claim.execution, claim.payload)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), owner=st.sampled_from(["ai", "nobody"]))
    def an_execution_commits_for_the_first_time_or_again(self, data: st.DataObject, owner: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.running)))
        before = head_of(self.records)
        done = commit(self.records, self.running[name], any_end(status="open", owner=owner), self.now)
        if done.result == "moved":
            self.running[name] = done.next
        after = head_of(self.records)
        if after.said != before.said:
            assert owner_kind(before.owner) != "operator" or before.execution == name
            self.said.append(after.said)

    @rule(later=st.sampled_from([1, LEASE_MS]))
    def time_passes(self, later: int) -> None:
        self.now += later

    @precondition(lambda self: self.started)
    @rule()
    def operator_takes_over(self) -> None:
        change_head(self.records, lambda head: take_over(head, "mira"))

    @precondition(lambda self: self.started and owner_kind(head_of(self.records).owner) == "operator")
    @rule()
    def operator_hands_back(self) -> None:
        change_head(self.records, lambda head: hand_back(head, "mira"))

    @invariant()
    def every_started_message_waits_or_is_answered_by_exactly_one_said_turn(self) -> None:
        head, _ = read_head(self.records, TENANT, CONVERSATION)
        if head is None:
            return
        rows = [self.records.get(conversation_partition(TENANT, CONVERSATION), name) for name in self.said]
        answered = [message for row in rows if row for message in row.body["answers"]]
        assert len(answered) == len(set(answered))
        assert sorted([*answered, *head.arrived]) == sorted(self.started)
        assert head.total == len(answered)

    @invariant()
    def the_fence_never_falls(self) -> None:
        head, _ = read_head(self.records, TENANT, CONVERSATION)
        assert head is None or head.fence >= self.fence
        self.fence = head.fence if head else 0

    @invariant()
    def every_turn_that_was_said_is_told_once(self) -> None:
        committed = [event.body["turn"] for event in told(self.records) if event.name == TURN_COMMITTED]
        assert sorted(committed) == sorted(self.said)

    @invariant()
    def an_execution_answers_only_what_had_arrived(self) -> None:
        assert all(set(waiting_ids(payload)) <= set(self.started) for payload in self.running.values())

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestTurns = Turns.TestCase
TestTurns.settings = settings(deadline=None, max_examples=30, stateful_step_count=25)
