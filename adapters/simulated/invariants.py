"""What must always hold, seen from outside: the rows as they are stored and the company's own books.

Nothing here is taken from the ledger's code: a mistake there must not hide itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.simulated.findings import Findings
from adapters.simulated.isolation_watch import IsolationWatch
from adapters.simulated.money_watch import Limits, MoneyWatch
from adapters.simulated.records import Stored
from adapters.simulated.talk_watch import Accepted, TalkWatch
from adapters.simulated.world import World
from shared.ports.queue import QueueMessage
from shared.ports.records import Batch, Put

Body = dict[str, Any]
OPEN_AFTER = 5


@dataclass(slots=True)
class Watcher:
    """Looks at every batch and every action as it happens, and at the whole of `world` in the end."""

    findings: Findings
    money: MoneyWatch
    talk: TalkWatch
    tenants: IsolationWatch
    world: World | None = None

    def watch(self, world: World) -> None:
        """From now on this is what is looked at."""
        self.world, self.talk.skew = world, world.skew
        self.findings.now = lambda: world.scheduler.now

    def see_batch(self, batch: Batch, before: dict[str, Stored | None]) -> None:
        """Called with each batch that was stored, and its rows as they were."""
        puts = {write.row: write.body for write in batch.writes if isinstance(write, Put)}
        if batch.partition.endswith("|money"):
            self.money.see_batch(batch.partition.split("|")[1], puts, before)
        elif "|C|" in batch.partition:
            self.talk.see_batch(batch.partition, puts, tuple(batch.events), before)
        elif batch.partition.endswith("|V|circuits"):
            self._see_circuits(puts, before)

    def see_action(self, system: str, operation: str, arguments: Body, key: str) -> None:
        """Called with each action that a company's system has really done."""
        self.money.see_action(operation, arguments, key)

    def see_worked_off(self, message: QueueMessage) -> None:
        """Called with each message that its queue forgets because it was handled."""
        if self.world is not None:
            self.talk.see_worked_off(self.world, message)

    def see_surprise(self, handler: str, error: Exception) -> None:
        """Called with what a handler raised and should not."""
        self.findings.hold("I30", False, f"{handler} raised {type(error).__name__}: {error}")

    def see_loss(self, tenant: str, accepted: list[Accepted]) -> None:
        """Called when a tenant's rows were put back to what a backup had."""
        if self.world is not None:
            self.money.see_loss(self.world, tenant)
            self.talk.see_loss(self.world, tenant, accepted)

    def see_end(self, world: World, accepted: list[Accepted]) -> None:
        """What must be so once everything has come to rest."""
        self.money.see_end(world)
        self.talk.see_end(world, accepted)
        self.talk.see_told(self.money.effects)
        self.tenants.see_end(world)
        self._see_owners()
        self.findings.facts["two tenants"] += len(world.tenants) > 1
        hold, queue = self.findings.hold, world.cloud.queue
        hold("I19", world.cloud.records.untold == 0, f"{world.cloud.records.untold} events were never told")
        hold("I32", queue.next_visible() is None, "a queue has work left")
        for key, times in Counter(each.key for each in world.cloud.channels.sent).items():
            hold("I15", times == 1, f"{key} was sent {times} times")

    def _see_owners(self) -> None:
        """An effect is for the customer whose conversation asked for it (I26)."""
        for effect in self.money.effects.values():
            head = self.talk.heads.get(f"T|{effect['tenant']}|C|{effect['conversation']}")
            if head is not None:
                says = f"{effect['id']} is for {effect['customer']}, asked by {head['customer']}"
                self.findings.hold("I26", head["customer"] == effect["customer"], says)

    def _see_circuits(self, puts: dict[str, Body], before: dict[str, Stored | None]) -> None:
        for row, body in puts.items():
            old = before[row]
            failures = json.loads(old.text)["failures"] if old else 0
            self.findings.facts["circuit probed"] += failures >= OPEN_AFTER and body["failures"] == failures


def make_watcher(limits: Limits, customers: Mapping[str, Sequence[str]]) -> Watcher:
    """A watcher that has seen nothing yet."""
    findings = Findings(now=lambda: 0)
    talk = TalkWatch(findings)
    return Watcher(findings, MoneyWatch(findings, limits, talk.owner_of), talk, IsolationWatch(findings, customers))
