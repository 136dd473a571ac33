"""Deadlines of a conversation: each warning and each breach is told once, from what its rows say now (I21, I22)."""

from __future__ import annotations

from shared.conversations.keys import HEAD, conversation_partition
from shared.conversations.timeline import Timeline, read_timeline
from shared.domain.sla import Deadline, ServiceLevels, deadlines_of, is_breached, is_warned, news_at, stage_at
from shared.ports.records import ABSENT, Batch, Check, Event, Put, Records, Write


def keep_promises(records: Records, levels: ServiceLevels, tenant: str, conversation: str, now: int) -> int:
    """Tell what has come due and say when to look again (epoch ms; 0: not before something happens).

    Raises Conflict where the conversation moved meanwhile: what was read may no longer be so.
    """
    timeline = read_timeline(records, tenant, conversation)
    if timeline is None:
        return 0
    running = deadlines_of(levels.policy(timeline.priority, timeline.tier), timeline.facts)
    puts, events = [], []
    for deadline in running:
        row = _row(deadline, timeline)
        told, version = timeline.told.get(row, ("running", ABSENT))
        if news := news_at(deadline, told, now):
            body = {"stage": stage_at(deadline, now), "due": deadline.due_ms, "at": now}
            puts.append(Put(row, body, version))
            events.append(_news(news, row, deadline, timeline, tenant, conversation, now))
    if puts:  # under the very head that was read: whoever is answered meanwhile is not told to be late
        writes: tuple[Write, ...] = (Check(HEAD, timeline.version), *puts)
        records.write(Batch(conversation_partition(tenant, conversation), writes, tuple(events)))
    return min((at for deadline in running if (at := _next_at(deadline, now))), default=0)


def _row(deadline: Deadline, timeline: Timeline) -> str:
    """One row a promise: a next response is promised for each message that waits, the others once a ticket."""
    began = deadline.started_ms if deadline.kind == "next_response" else timeline.facts.opened
    return f"SLA|{deadline.kind}|{began:015d}"


def _next_at(deadline: Deadline, now: int) -> int:
    if is_breached(deadline, now):
        return 0
    return deadline.due_ms + 1 if is_warned(deadline, now) else deadline.warn_ms


def _news(
    name: str, row: str, deadline: Deadline, timeline: Timeline, tenant: str, conversation: str, now: int
) -> Event:
    head, stage = timeline.head, stage_at(deadline, now)
    where = {"tenant": tenant, "conversation": conversation, "at": now, "ticket": head.ticket}
    facts = {"customer": head.customer, "channel": head.channel, "priority": timeline.priority}
    late = {"deadline": deadline.kind, "due": deadline.due_ms, "sla": stage}
    return Event(f"{conversation}-{row.replace('|', '-')}-{stage}", name, where | facts | late)
