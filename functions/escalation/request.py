"""Somebody asks that a person takes over: the conversation is nobody's until an operator takes it, with a packet."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agents.asked import UNREAD, end_by_request, make_asked_handoff, make_asked_packet, make_asked_turn
from shared.company.company import Company, say
from shared.conversations.handoff import read_handoff
from shared.conversations.head import need_head, write_head
from shared.conversations.inbox import open_text, read_messages
from shared.conversations.keys import conversation_partition, handoff_row
from shared.domain.conversation import Head, owner_kind
from shared.domain.events import ESCALATION_OPENED, TURN_COMMITTED
from shared.errors import Conflict, Retry
from shared.ports.clock import Clock
from shared.ports.records import Body, Event, Put, Records
from shared.privacy.vault import Vault

TRIES = 5


@dataclass(frozen=True, slots=True)
class Requesting:
    """`why` is in the asker's words and may be empty."""

    tenant: str
    conversation: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Requested:
    owner: str
    status: str
    escalation: int


def handle(task: Requesting, *, records: Records, vault: Vault, company: Company, clock: Clock) -> Requested:
    """Commit the request as a turn of its own; one that runs is fenced off. A person who has it keeps it."""
    for _ in range(TRIES):
        try:
            return _request(task, records, vault, company, clock.now())
        except Conflict:
            continue
    raise Retry("the head kept moving")


def _request(task: Requesting, records: Records, vault: Vault, company: Company, now: int) -> Requested:
    head, version = need_head(records, task.tenant, task.conversation)
    if owner_kind(head.owner) != "ai":
        return Requested(head.owner, head.status, head.escalation)
    said = records.get(conversation_partition(task.tenant, task.conversation), head.said) if head.said else None
    known = UNREAD | (said.body if said else {})
    last = read_messages(records, task.tenant, task.conversation, (*head.answered, *head.arrived)[-1:])[0]
    moved = end_by_request(head, task.conversation, keeps_escalation=_waits_already(records, task, head))
    reply = vault.seal(task.tenant, last.subject_key, {"reply": say(company, "escalated", known["language"])})
    turn = make_asked_turn(known, head, moved, reply, now)
    rows = [Put(moved.said, turn)]
    if moved.escalation != head.escalation:
        packet = make_asked_packet(known, head, last, open_text(vault, task.tenant, last).text, task.why, moved.said)
        sealed = vault.seal(task.tenant, last.subject_key, packet.body())
        rows.append(Put(handoff_row(moved.n), make_asked_handoff(known, moved.said, last.subject_key, sealed, now)))
    events = _tell(task, moved, turn, head.escalation)
    write_head(records, task.tenant, task.conversation, moved, version, events=events, also=tuple(rows))
    return Requested(moved.owner, moved.status, moved.escalation)


def _waits_already(records: Records, task: Requesting, head: Head) -> bool:
    return bool(head.escalation) and not read_handoff(records, task.tenant, task.conversation, head.escalation).closed


def _tell(task: Requesting, head: Head, turn: Body, before: int) -> tuple[Event, ...]:
    where = {"tenant": task.tenant, "conversation": task.conversation, "at": turn["at"], "n": head.n, "turn": head.said}
    facts = {key: turn[key] for key in ("outcome", "status", "owner", "ticket")} | turn["tells"]
    facts |= {"customer": head.customer, "channel": head.channel}
    told = Event(f"{task.conversation}-{head.said}", TURN_COMMITTED, where | facts)
    name = f"{task.conversation}-escalation-{head.escalation}"
    opened = Event(name, ESCALATION_OPENED, where | {"escalation": head.escalation})
    return (told, opened) if head.escalation != before else (told,)
