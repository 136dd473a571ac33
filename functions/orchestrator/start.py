"""Look at a conversation: claim the turn for its waiting messages, or leave them to the turn that runs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.claim import claim
from shared.conversations.dead import give_up
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.workflows import Workflows


@dataclass(frozen=True, slots=True)
class Look:
    """A queue message: look at this conversation, where this message waits."""

    tenant: str
    conversation: str
    message: str


@dataclass(frozen=True, slots=True)
class Started:
    """What became of it (see `Claim.state`), and the execution to drive where this provider drives in process."""

    state: str
    execution: str = ""


def handle(look: Look, *, records: Records, workflows: Workflows, clock: Clock) -> Started:
    """Start the claimed turn under its own name, so that a redelivery starts nothing twice."""
    found = claim(records, look.tenant, look.conversation, look.message, clock.now())
    if found.state in ("claimed", "joined"):
        workflows.start("turn", found.execution, found.payload)
    if found.state == "died":
        give_up(records, look.tenant, look.conversation, look.message, clock.now())
    return Started(found.state, found.execution)
