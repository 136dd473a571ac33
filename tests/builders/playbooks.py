"""A small world to run playbooks in: the sandbox company, a ledger in a folder, articles that answer or do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.clock import SystemClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.agents.catalog import AGENTS
from shared.agents.playbook_brain import Ended, Hands, Work, run_playbook
from shared.company.company import Company
from shared.company.playbook import Playbook
from shared.domain.finding import Citation
from shared.effects import approvals, ledger
from shared.effects.effect import Effect
from shared.knowledge.evidence import Evidence
from shared.ports.records import Records
from shared.tools.breaker import Breaker
from shared.tools.catalog import TOOLS
from shared.tools.executor import Answer, Caller, Toolbox, call_tool, cap_limits
from shared.tools.tool import Facts
from tests.builders.homes import ALWAYS_HOME

TENANT = "tallybird"
ANSWER = "Open **Settings** and choose what you need."


@cache
def shipped() -> Company:
    """The company as it is shipped."""
    return Company()


def shipped_playbook(name: str) -> Playbook:
    found = shipped().playbook(name)
    assert found is not None, name
    return found


@dataclass
class World:
    """Everything that a playbook touches; `answers` says whether the articles know."""

    sandbox: Sandbox
    records: Records
    clock: SystemClock
    answers: bool = True
    known: dict[str, Facts] = field(default_factory=dict)
    kept: list[Work] = field(default_factory=list)

    @property
    def box(self) -> Toolbox:
        breaker = Breaker(self.records, self.clock)
        return Toolbox(TOOLS, self.records, self.sandbox, self.clock, shipped(), breaker, ALWAYS_HOME)

    def run(self, name: str, customer: str = "", **told: Any) -> Ended:
        """Run a shipped playbook from its start; `told` is what `caller_for` and `begin` take."""
        playbook = shipped_playbook(name)
        return self.step(playbook, caller_for(playbook, customer, **told), begin(customer, **told))

    def go_on(self, name: str, customer: str, stood: Ended, **told: Any) -> Ended:
        """Continue where a playbook stood, as the turn after an approver's decision does."""
        playbook = shipped_playbook(name)
        kept = replace(stood.work, actions=(), citations=())
        return self.step(playbook, caller_for(playbook, customer, **told), kept)

    def step(self, playbook: Playbook, caller: Caller, work: Work) -> Ended:
        def call(tool: str, given: Facts, handles: Facts, step: int) -> Answer:
            return call_tool(self.box, caller, tool, given, handles, step)

        return run_playbook(
            playbook, Hands(call, self.search, self.remember, self.recall, bool, self.kept.append), work
        )

    def search(self, query: str) -> Evidence:
        if not self.answers:
            return Evidence(False)
        return Evidence(True, ANSWER, (Citation("getting-started", "Open Settings.", 0),), 8_000)

    def remember(self, tool: str, facts: Facts) -> None:
        self.known[tool] = {name: value for name, value in facts.items() if name != "handles"}

    def recall(self, tool: str) -> Facts | None:
        return self.known.get(tool)

    def decide(self, *, approved: bool = True) -> Effect:
        """Let as many approvers as it takes decide the one effect that waits."""
        (asked,) = ledger.pending_asks(self.records, TENANT)
        effect, _ = ledger.read_effect(self.records, TENANT, asked)
        able = [each for each in shipped().staff.operators if effect.role in each.roles]
        for operator in able[: effect.approvers if approved else 1]:
            effect = approvals.decide(
                self.records,
                TENANT,
                asked,
                operator,
                args_hash=effect.args_hash,
                approved=approved,
                limits=cap_limits(shipped()),
                clock=self.clock,
                homes=ALWAYS_HOME,
            )
        return effect

    def effects(self, tool: str = "") -> list[Effect]:
        return [each for each in ledger.list_effects(self.records, TENANT) if tool in ("", each.tool)]


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """A fresh world in a folder."""
    clock, store = SystemClock(), open_store(folder / "data")
    sandbox = Sandbox(folder / "sandbox", sleep=lambda seconds: None)
    try:
        yield World(sandbox, LocalRecords(store, clock), clock)
    finally:
        sandbox.close()
        store.close()


def caller_for(
    playbook: Playbook, customer: str, *, tier: str = "bronze", conversation: str = "c1", mode: str = "live", **_: Any
) -> Caller:
    """Who calls: the playbook's own agent, for this customer."""
    assert playbook.agent in AGENTS
    return Caller(
        tenant=TENANT,
        conversation=conversation,
        turn=1,
        execution=f"{conversation}-1",
        assignment=0,
        agent=playbook.agent,
        customer=customer,
        tier=tier,
        mode=mode,
    )


def begin(customer: str, *, tier: str = "bronze", text: str = "Please help.", same: int = 0, **told: Any) -> Work:
    """Where a playbook starts: what was named, who asks, how often before, and the words."""
    entities = {name: value for name, value in told.items() if name not in ("conversation", "mode")}
    asks = {"id": customer, "tier": tier}
    return Work(values={"entities": entities, "customer": asks, "history": {"same": same}, "text": text})
