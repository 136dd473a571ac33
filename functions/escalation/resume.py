"""Woken: read the decision that was recorded; the token only wakes, the record counts."""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.handoff import announce_decision, read_handoff
from shared.conversations.head import need_head
from shared.ports.clock import Clock
from shared.ports.records import Records


@dataclass(frozen=True, slots=True)
class ResumeInput:
    """Which escalation woke."""

    tenant: str
    conversation: str
    escalation: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """`state`: decided or waiting."""

    state: str


def handle(task: ResumeInput, *, records: Records, clock: Clock) -> Resumed:
    """Let the conversation go on where an approver decided; everything else ends with the operator's own words."""
    handoff = read_handoff(records, task.tenant, task.conversation, task.escalation)
    if not handoff.closed:
        return Resumed("waiting")
    if handoff.body["decision"] in ("approved", "rejected"):
        head, _ = need_head(records, task.tenant, task.conversation)
        announce_decision(records, task.tenant, task.conversation, head, handoff, clock.now())
    return Resumed("decided")
