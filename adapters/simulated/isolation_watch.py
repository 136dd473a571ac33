"""Tenants as they are seen from outside: nothing of one is with another, and no customer's words lie open (I25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.simulated.findings import Findings
from adapters.simulated.world import World

# tenant -> a word that only its customers write, and that no reply repeats
CANARIES = {"demo": "quetzalcoatlus", "other": "archaeopteryx"}


@dataclass(frozen=True, slots=True)
class IsolationWatch:
    """`customers` are those of each tenant; no customer is at two."""

    findings: Findings
    customers: Mapping[str, Sequence[str]]

    def see_end(self, world: World) -> None:
        """Look into everything that was stored, sent, queued and told."""
        for where, text in _everything(world):
            for tenant, canary in CANARIES.items():
                self.findings.hold("I25", canary not in text, f"a word of {tenant} stands open in {where}")
        for where, owner, text in _owned(world):
            for tenant, customers in self.customers.items():
                strangers = [each for each in customers if tenant != owner and each in text]
                self.findings.hold("I25", not strangers, f"{strangers} of {tenant} stand in {where} of {owner}")
        for message in world.cloud.channels.sent:
            strangers = [tenant for tenant in CANARIES if tenant != message.tenant and CANARIES[tenant] in message.text]
            self.findings.hold("I25", not strangers, f"a mail of {message.tenant} has words of {strangers}")


def _everything(world: World) -> Iterator[tuple[str, str]]:
    """Every place where no customer's words may be read."""
    yield "the trace", "\n".join(world.scheduler.trace)
    yield "telemetry", repr(world.cloud.telemetry.told)
    yield "a queue", "\n".join(world.cloud.queue.texts())
    yield "a workflow", repr(world.cloud.workflows.states())
    for where, _, text in _owned(world):
        yield where, text


def _owned(world: World) -> Iterator[tuple[str, str, str]]:
    """(where, whose, what) of every stored row."""
    for partition in world.cloud.records.partitions():
        tenant = partition.split("|")[1]
        yield partition, tenant, "\n".join(world.cloud.records.texts(partition))
