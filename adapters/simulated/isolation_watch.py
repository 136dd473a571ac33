"""Tenants as they are seen from outside: nothing of one is with another, and no customer's words lie open (I25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.simulated.findings import Findings
from adapters.simulated.world import World
from shared.ports.channels import Outgoing

# tenant -> a word that only its customers write, and that no reply repeats
CANARIES = {"demo": "quetzalcoatlus", "other": "archaeopteryx"}


@dataclass(frozen=True, slots=True)
class IsolationWatch:
    """`customers` are those of each tenant; no customer is at two."""

    findings: Findings
    customers: Mapping[str, Sequence[str]]

    def see_end(self, world: World) -> None:
        """Look into everything that was stored, sent, queued and told."""
        if len(world.tenants) == 1:  # nobody wrote a word to look for
            return
        for where, text in _everything(world):
            self._see_no_words(where, text)
        names = {tenant: (*self.customers[tenant], *_conversations(world, tenant)) for tenant in world.tenants}
        for where, owner, text in _owned(world):
            self._see_no_strangers(names, where, owner, text)
        for message in world.cloud.channels.sent:
            self._see_own_words(message)

    def _see_own_words(self, message: Outgoing) -> None:
        theirs = [canary for tenant, canary in CANARIES.items() if tenant != message.tenant]
        words = [canary for canary in theirs if canary in message.text]
        self.findings.hold("I25", not words, f"a mail of {message.tenant} says {words}")

    def _see_no_words(self, where: str, text: str) -> None:
        for tenant, canary in CANARIES.items():
            self.findings.hold("I25", canary not in text, f"a word of {tenant} stands open in {where}")

    def _see_no_strangers(self, names: Mapping[str, Sequence[str]], where: str, owner: str, text: str) -> None:
        for tenant, theirs in names.items():
            strangers = [each for each in theirs if tenant != owner and each in text]
            self.findings.hold("I25", not strangers, f"{strangers} of {tenant} stand in {where} of {owner}")


def _everything(world: World) -> Iterator[tuple[str, str]]:
    """Every place where no customer's words may be read."""
    yield "the trace", "\n".join(world.scheduler.trace)
    yield "telemetry", repr(world.cloud.telemetry.told)
    yield "a queue", "\n".join(world.cloud.queue.texts())
    yield "a workflow", repr(world.cloud.workflows.states())
    for where, _, text in _owned(world):
        yield where, text


def _conversations(world: World, tenant: str) -> list[str]:
    mine = f"T|{tenant}|C|"
    return [name.removeprefix(mine) for name in world.cloud.records.partitions() if name.startswith(mine)]


def _owned(world: World) -> Iterator[tuple[str, str, str]]:
    """(where, whose, what) of every stored row."""
    for partition in world.cloud.records.partitions():
        tenant = partition.split("|")[1]
        yield partition, tenant, "\n".join(world.cloud.records.texts(partition))
