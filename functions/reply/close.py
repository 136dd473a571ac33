"""Every minute: close tickets that were resolved long ago and about which nobody has written since."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.company.company import Company
from shared.company.lifecycle import close_after_ms
from shared.conversations.due import CLOSE, RETRY_MS, Settled, make_due, read_due, settle_due
from shared.conversations.head import write_head
from shared.conversations.timeline import Timeline, read_timeline
from shared.conversations.views import desk_partitions
from shared.domain.conversation import owner_kind
from shared.domain.events import TICKET_CLOSED
from shared.domain.ticket import move_ticket
from shared.effects.holds import clear_hold
from shared.errors import Conflict
from shared.ports.clock import Clock
from shared.ports.records import Event, Put, Records


@dataclass(frozen=True, slots=True)
class CloseInput:
    tenant: str


@dataclass(frozen=True, slots=True)
class Closed:
    """How many due rows were looked at."""

    looked: int


def handle(task: CloseInput, *, records: Records, company: Company, clock: Clock) -> Closed:
    """Close each that is still resolved and quiet, under the head that was read; safe to repeat and to overlap."""
    now, quiet, looked = clock.now(), close_after_ms(company), 0
    for partition in desk_partitions(task.tenant):
        due = read_due(records, partition, now, prefix=CLOSE)
        settled = [Settled(each, _close(records, task.tenant, each.conversation, now, quiet)) for each in due]
        settle_due(records, settled)
        looked += len(settled)
    return Closed(looked)


def _close(records: Records, tenant: str, conversation: str, now: int, quiet: int) -> tuple[Put, ...]:
    """Close one, or say when to look again; what is being worked on gets a row of its own when that ends."""
    timeline = read_timeline(records, tenant, conversation)
    if timeline is None or timeline.head.status != "resolved" or _is_waited_for(timeline):
        return ()
    if now < timeline.last + quiet:
        return (make_due(timeline.last + quiet, conversation, "close"),)
    head = replace(timeline.head, status=move_ticket("resolved", "closed"), owner="ai")
    told = Event(f"{conversation}-{head.ticket}-closed", TICKET_CLOSED, _facts(tenant, conversation, timeline, now))
    try:
        write_head(records, tenant, conversation, head, timeline.version, events=(told,))
    except Conflict:  # somebody wrote or acted at this very moment
        return (make_due(now + RETRY_MS, conversation, "close"),)
    if owner_kind(timeline.head.owner) == "operator":
        clear_hold(records, tenant, conversation)
    return ()


def _is_waited_for(timeline: Timeline) -> bool:
    return bool(timeline.head.execution or timeline.head.arrived or timeline.facts.waiting_since)


def _facts(tenant: str, conversation: str, timeline: Timeline, now: int) -> dict[str, object]:
    head = timeline.head
    where = {"tenant": tenant, "conversation": conversation, "at": now, "ticket": head.ticket, "n": head.n}
    return where | {"status": "closed", "owner": "ai", "customer": head.customer, "channel": head.channel}
