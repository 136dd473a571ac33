"""The whole platform in a folder, fed by hand, with a clock that the test moves; waiting moves it too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.clock import ShiftedClock
from adapters.local.outcomes import read_outcome
from adapters.local.platform import Platform
from adapters.local.seeding import seed_articles
from shared.conversations.handoff import Handoff, read_handoff
from shared.conversations.head import need_head
from shared.conversations.keys import conversation_partition
from shared.conversations.timeline import read_said_turns
from shared.domain.conversation import Head
from shared.effects import ledger
from shared.effects.effect import Effect
from shared.ports.records import Body, Event, Records
from shared.settings import Settings
from tests.builders.clock import any_clock
from tests.builders.events import told
from tests.builders.hours import wall

MONDAY = wall("2026-11-16 10:00")
SOON = 6  # minutes after which an answer is looked for
TENANT = "demo"


@dataclass
class House:
    """One data folder's platform and what a test does to it."""

    platform: Platform
    clock: ShiftedClock
    count: int = 0

    @property
    def records(self) -> Records:
        return self.platform.provider.records

    @property
    def systems(self) -> Sandbox:
        return self.platform.provider.business_systems

    def receive(self, text: str, customer: str = "cus_ada", **more: Any) -> tuple[str, str]:
        """A message comes in and nobody looks at it yet; its conversation and its id."""
        self.count += 1
        arriving = {"tenant": TENANT, "channel": "chat", "text": text, "customer": customer, "own_id": f"m{self.count}"}
        received = self.platform.call("intake.receive", arriving | more)
        return received["conversation"], received["message"]

    def write(self, text: str, customer: str = "cus_ada", **more: Any) -> dict[str, Any]:
        """A customer writes, and what became of it once everything has run."""
        conversation, message = self.receive(text, customer, **more)
        self.platform.pump()
        return read_outcome(self.platform, TENANT, conversation, message)

    def call(self, handler: str, **task: Any) -> Any:
        return self.platform.call(handler, {"tenant": TENANT} | task)

    def do(self, handler: str, **task: Any) -> Any:
        """Call a handler, and let everything that follows run."""
        answer = self.call(handler, **task)
        self.platform.pump()
        return answer

    def answer(self, conversation: str, operator: str = "mira", **more: Any) -> Any:
        """The operator who owns a conversation does something with it."""
        self.count += 1
        task = {"conversation": conversation, "operator": operator, "own_id": f"a{self.count}"} | more
        return self.do("escalation.answer", **task)

    def wait(self, minutes: int) -> None:
        """Let time pass, and the clock call what it calls every minute: once soon, and once at the end of it."""
        for part in (min(minutes, SOON), minutes - min(minutes, SOON)):
            if part or not minutes:
                self.clock.advance(part * 60)
                self.platform.tick()

    def sweep_until(self, minutes: int) -> list[Event]:
        """Let time pass and sweep, with nobody to hear of it yet; every event that waits to be told."""
        self.clock.advance(minutes * 60)
        self.call("sla.sweep")
        return told(self.records)

    def head(self, conversation: str) -> Head:
        return need_head(self.records, TENANT, conversation)[0]

    def turns(self, conversation: str) -> list[Body]:
        """What was said, newest first."""
        return read_said_turns(self.records, TENANT, conversation, self.head(conversation))

    def replies(self, conversation: str, customer: str = "cus_ada") -> list[str]:
        """The words of every turn that said something, newest first."""
        vault = self.platform.app.vault
        sealed = [turn["sealed"] for turn in self.turns(conversation) if turn["sealed"]]
        return [text for each in sealed if (text := str(vault.open(TENANT, customer, each)["reply"]))]

    def rows(self, conversation: str, prefix: str) -> list[Body]:
        found = self.records.query(conversation_partition(TENANT, conversation), prefix=prefix)
        return [row.body for row in found]

    def handoff(self, conversation: str) -> Handoff:
        return read_handoff(self.records, TENANT, conversation, self.head(conversation).escalation)

    def effects(self) -> list[Effect]:
        return ledger.list_effects(self.records, TENANT)

    def decide(self, effect: Effect, operator: str = "noor", *, approved: bool = True) -> Any:
        task = {"effect": effect.id, "operator": operator, "approved": approved, "args_hash": effect.args_hash}
        return self.do("escalation.decide", **task)

    def alerts(self) -> list[str]:
        """The types of every alert that operators see."""
        return [row.body["type"] for row in self.records.query(f"T|{TENANT}|V|alerts")]


@contextmanager
def open_house(folder: Path, *, at: int = MONDAY, company: Path | None = None) -> Iterator[House]:
    """A platform with the shipped articles, at ten on a Monday morning."""
    clock = any_clock(at)
    platform = Platform(
        folder,
        Settings(tenant=TENANT, company=company),
        clock=clock,
        sleep=lambda seconds: clock.advance(ceil(seconds)),
    )
    try:
        seed_articles(platform, TENANT)
        platform.pump()
        yield House(platform, clock)
    finally:
        platform.close()
