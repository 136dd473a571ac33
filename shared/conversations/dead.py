"""A turn that died twice: an operator gets its messages, with what little can be said without running it again."""

from __future__ import annotations

from dataclasses import replace

from shared.conversations.head import need_head, write_head
from shared.conversations.inbox import read_messages
from shared.conversations.keys import conversation_partition, handoff_row, ticket_id, turn_row
from shared.domain.conversation import add_arrival, end_turn, owner_kind
from shared.domain.events import ESCALATION_OPENED, TURN_COMMITTED
from shared.domain.ticket import move_ticket
from shared.ports.records import Batch, Body, Event, Put, Records


def give_up(records: Records, tenant: str, conversation: str, message: str, now: int) -> None:
    """Park the turn and the message that woke it; safe to repeat. Raises Conflict where the head moved."""
    head, version = need_head(records, tenant, conversation)
    if not head.execution or not head.deaths:
        return
    head = add_arrival(head, message)
    fence = head.fence + 1
    name = turn_row(head.n, fence)
    subject = read_messages(records, tenant, conversation, head.arrived[:1])[0].subject_key
    row: Body = {
        "tells": {},
        "outcome": "parked",
        "reason": "turn_died",
        "answers": list(head.arrived),
        "at": now,
        "before": head.said,
    }
    row |= {"n": head.n, "fence": fence, "sealed": "", "intents": [], "actions": [], "citations": [], "resume": []}
    row |= {"category": "general", "priority": "P2", "sentiment": "neutral", "agents": [], "tried": [], "confidence": 0}
    handoff: Body = {"kind": "person", "reason": "turn_died", "skill": "general", "tier": "bronze", "priority": "P2"}
    handoff |= {"effects": [], "silent": True, "turn": name, "subject": subject, "opened": now, "state": "open"}
    handoff |= {"operator": "", "sealed": ""}
    partition = conversation_partition(tenant, conversation)
    records.write(Batch(partition, (Put(name, row), Put(handoff_row(head.n), handoff))))
    status = move_ticket(head.status, "escalated")
    owner = head.owner if owner_kind(head.owner) == "operator" else "nobody"
    ended = end_turn(head, said=name, owner=owner, status=status, answered=head.arrived)
    ticket = head.ticket or ticket_id(conversation, head.n)
    ended = replace(ended, fence=fence, escalation=head.n, ticket=ticket)
    where = {"tenant": tenant, "conversation": conversation, "at": now}
    facts: Body = {
        "outcome": "parked",
        "status": status,
        "owner": owner,
        "ticket": ticket,
        "customer": head.customer,
    }
    facts |= {"channel": head.channel, "intents": [], "category": "general", "priority": "P2", "sentiment": "neutral"}
    told = Event(f"{conversation}-{name}", TURN_COMMITTED, where | facts | {"turn": name, "n": head.n})
    opened = Event(f"{conversation}-escalation-{head.n}", ESCALATION_OPENED, where | {"escalation": head.n})
    write_head(records, tenant, conversation, ended, version, events=(told, opened))
