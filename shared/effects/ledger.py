"""The effect ledger: every transition of design §6 is one atomic batch in the tenant's money partition.

Each function reads, checks its row's guard, and writes effect, caps, `once` row, postings and event together, all under
the versions that were read. A Conflict means that somebody else moved: read again and decide again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from shared.conversations.keys import money_partition
from shared.domain.events import EFFECT_CHANGED
from shared.effects import effect as table
from shared.effects.alerts import alarm_of, alert_about
from shared.effects.caps import CapLimits, credit_caps, release_caps, reserve_caps, settle_caps
from shared.effects.effect import COMMITTED, EXECUTING, PROPOSED, REJECTED, TRANSITIONS, UNKNOWN, Effect
from shared.effects.guards import has_approvers, is_abandoned, is_expired, need, need_free
from shared.effects.holds import hold_row
from shared.effects.postings import post
from shared.effects.watch import watch_row, watch_writes
from shared.errors import Conflict, NotFound, Refused, Retry, WrongState
from shared.ports.clock import Clock
from shared.ports.records import ABSENT, Batch, Delete, Event, Put, Records, Version, Write
from shared.ports.tenants import Tenants

TRIES = 8
LEASE_MS = 60_000


class AlreadyAsked(Refused):
    """Another effect has claimed the same payment for the same purpose; `effect` names it."""

    code = "already_asked"

    def __init__(self, effect: str) -> None:
        super().__init__("this was asked for before", field="payment", action=f"refer to effect {effect}")
        self.effect = effect


def read_effect(records: Records, tenant: str, effect: str) -> tuple[Effect, Version]:
    """An effect and its version; raises NotFound."""
    row = records.get(money_partition(tenant), table.effect_row(effect))
    if row is None:
        raise NotFound("no such effect", field="effect", limit="one of this tenant", action="check the id")
    return table.from_body(row.body), row.version


def list_effects(records: Records, tenant: str) -> list[Effect]:
    """Every effect of a tenant, by id."""
    rows: list[Effect] = []
    start = "EFFECT|"
    while page := records.query(money_partition(tenant), start=start, end="EFFECT}", limit=500):
        rows += [table.from_body(row.body) for row in page]
        start = page[-1].row + " "
    return rows


def propose(records: Records, effect: Effect) -> Effect:
    """Row 1: claim the `once` row and store the effect, or return the same effect as it stands.

    Raises AlreadyAsked where another effect has the `once` row, WrongState where this id has other arguments.
    """
    for _ in range(TRIES):
        found = records.get(money_partition(effect.tenant), table.effect_row(effect.id))
        if found is not None:
            current = table.from_body(found.body)
            need(current.args_hash == effect.args_hash, current, "args_hash", "the arguments of the first request")
            return current
        _need_original(records, effect)
        writes: list[Write] = [Put(table.effect_row(effect.id), table.to_body(effect), ABSENT)]
        writes += [Put(watch_row(effect), {"effect": effect.id}), *_claim_once(records, effect)]
        if effect.approvers:
            writes.append(Put(f"ASK|{effect.id}", {"effect": effect.id, "expires": effect.expires}))
        try:
            records.write(Batch(money_partition(effect.tenant), writes, (_told(effect),)))
        except Conflict:
            continue
        return effect
    raise Retry("the money partition kept moving")


def _claim_once(records: Records, effect: Effect) -> list[Write]:
    """The write that claims the `once` row; raises AlreadyAsked where another effect has it."""
    once = table.once_row(effect)
    claimed = records.get(money_partition(effect.tenant), once) if once else None
    if claimed is not None and claimed.body["effect"] != effect.id:
        raise AlreadyAsked(claimed.body["effect"])
    return [Put(once, {"effect": effect.id}, ABSENT)] if once and claimed is None else []


def _need_original(records: Records, effect: Effect) -> None:
    """Row 11: only what was committed can be compensated, and once, because the id derives from it (I9)."""
    if effect.compensates:
        original, _ = read_effect(records, effect.tenant, effect.compensates)
        own_id = effect.id == table.compensation_id(original.id)
        need(own_id and original.state == COMMITTED, original, "compensates", COMMITTED)


def approve(records: Records, tenant: str, effect: str, limits: CapLimits, clock: Clock, *, homes: Tenants) -> Effect:
    """Row 2: reserve the caps; raises WrongState while a hold, an expiry or a missing approver stands in the way.

    MoneyClosed where the ledger's epoch is not the directory's, or not open.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        need(has_approvers(current, clock), current, "approvals", f"{current.approvers} different approvers")
        need(not is_expired(current, clock), current, "expires", "an approval still valid")
        need_free(records, homes, current)
        return replace(current, state=table.APPROVED), [
            *reserve_caps(records, current, limits),
            Delete(f"ASK|{current.id}"),
        ]

    return _move(records, tenant, effect, table.APPROVED, step)


def reject(
    records: Records,
    tenant: str,
    effect: str,
    reason: str,
    *,
    since: Sequence[str] = (PROPOSED, table.APPROVED),
    fence: int | None = None,
) -> Effect:
    """Rows 3 and 5, and 7 and 10 by those who say so: nothing happened and nothing will; caps and `once` are free.

    Raises WrongState where the effect stands in none of the states `since`, or moved on from `fence`.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        need(current.state in since, current, "state", ", ".join(since))
        need(fence is None or current.fence == fence, current, "fence", str(fence))
        rule = TRANSITIONS[current.state, REJECTED]
        writes = release_caps(records, current) if rule.caps == "release" else []
        if current.state == PROPOSED and current.approvers:
            writes.append(Delete(f"ASK|{current.id}"))
        return replace(current, state=REJECTED, reason=reason), writes

    return _move(records, tenant, effect, REJECTED, step)


def refuse(records: Records, tenant: str, effect: str, fence: int, reason: str) -> Effect:
    """Row 7: the payment system declared "not executed", to the first attempt, under one's own fence."""
    current, _ = read_effect(records, tenant, effect)
    need(current.fence == fence and current.attempts == 1, current, "fence", "one's own first attempt")
    return reject(records, tenant, effect, reason, since=(EXECUTING,), fence=fence)


def begin(
    records: Records, tenant: str, effect: str, clock: Clock, *, homes: Tenants, writer: str, within: int
) -> Effect:
    """Rows 4 and 9: take the fence and a lease; the caller sends within `within` seconds. Row 9: see `retry_safe`.

    Raises MoneyClosed where the ledger's epoch is not the directory's, or not open.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        now = clock.now()  # before the guards are read: nothing is sent later than `within` after they held
        need(not is_expired(current, clock), current, "expires", "an approval still valid")
        need_free(records, homes, current)
        return replace(
            current,
            state=EXECUTING,
            writer=writer,
            fence=current.fence + 1,
            attempts=current.attempts + 1,
            lease=now + LEASE_MS,
            send_by=now + min(within * 1000, LEASE_MS),
            first_sent=current.first_sent or now,
        ), []

    return _move(records, tenant, effect, EXECUTING, step)


def commit(records: Records, tenant: str, effect: str, result: dict[str, Any]) -> Effect:
    """Row 6: the payment system's proof, from any worker; its amount is settled, an excess alarms.

    Proof that arrives after REJECTED goes to suspense with a hold, because the money has moved all the same.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        actual = int(result.get("amount_minor", current.amount_minor))
        writes = settle_caps(records, current, actual)
        if current.compensates:
            original, _ = read_effect(records, tenant, current.compensates)
            writes = credit_caps(records, original)
        return replace(current, state=COMMITTED, result=result, reason=""), [*writes, *post(current, actual)]

    current, version = read_effect(records, tenant, effect)
    if current.state == COMMITTED:
        return current
    if current.state == REJECTED:
        return _suspend(records, current, version, result)
    return _move(records, tenant, effect, COMMITTED, step)


def doubt(
    records: Records, tenant: str, effect: str, clock: Clock, *, fence: int, writer: str, reason: str = ""
) -> Effect:
    """Row 8: an ambiguous answer under one's own fence, or a lease that ran out by more than twice the skew.

    `reason` is what its system has refused a later attempt for, which says nothing of the earlier ones.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        own = current.fence == fence and current.writer == writer
        need(own or is_abandoned(current, clock), current, "fence", "one's own, or a lease that ran out")
        return replace(current, state=UNKNOWN, fence=current.fence + 1, reason=reason), []

    return _move(records, tenant, effect, UNKNOWN, step)


def retrace(records: Records, tenant: str, effect: str, clock: Clock, *, writer: str, proof: dict[str, Any]) -> Effect:
    """Rows 4 and 6 of an effect that stands here as APPROVED, although the proof says that it was sent.

    The ledger of its old home had row 4 and lost it with its last writes; nothing is sent, so no guard is asked.
    """

    def step(current: Effect) -> tuple[Effect, list[Write]]:
        need(current.state == table.APPROVED, current, "state", table.APPROVED)
        now = clock.now()
        sent = replace(current, state=EXECUTING, writer=writer, fence=current.fence + 1, attempts=current.attempts + 1)
        return replace(sent, lease=now, send_by=now, first_sent=now), []

    _move(records, tenant, effect, EXECUTING, step)
    return commit(records, tenant, effect, proof)


Step = Callable[[Effect], tuple[Effect, list[Write]]]


def _move(records: Records, tenant: str, effect: str, to: str, step: Step) -> Effect:
    """Apply one row of the table; a repeat of a move that was made already changes nothing."""
    for _ in range(TRIES):
        current, version = read_effect(records, tenant, effect)
        if current.state == to and to != EXECUTING:
            return current
        rule = TRANSITIONS.get((current.state, to))
        if rule is None:
            raise WrongState(
                f"an effect that is {current.state} cannot become {to}", field="state", action="read it again"
            )
        moved, writes = step(current)
        if rule.frees_once and table.once_row(current):
            writes = [*writes, Delete(table.once_row(current))]
        put = Put(table.effect_row(effect), table.to_body(moved), version)
        writes = [put, *writes, *watch_writes(current, moved)]
        try:
            records.write(Batch(money_partition(tenant), writes, (_told(moved), *alarm_of(moved))))
        except Conflict:
            continue
        return moved
    raise Retry("the money partition kept moving")


def _suspend(records: Records, current: Effect, version: Version, result: dict[str, Any]) -> Effect:
    """Keep proof that came too late, once, with its alert; a person sorts it out."""
    if records.get(money_partition(current.tenant), f"SUSPENSE|{current.id}"):
        return current
    row = Put(f"SUSPENSE|{current.id}", {"effect": current.id, "result": result}, ABSENT)
    hold = Put(hold_row(current.conversation), {"reason": "suspense", "effect": current.id})
    marked = replace(current, result=result, reason="executed after it was rejected")
    records.write(
        Batch(
            money_partition(current.tenant),
            (Put(table.effect_row(current.id), table.to_body(marked), version), row, hold),
            (_told(marked, suspense=True), alert_about(marked, "money_in_suspense", max(marked.lease, marked.made))),
        )
    )
    return marked


def _told(effect: Effect, *, suspense: bool = False) -> Event:
    facts: dict[str, Any] = {"tenant": effect.tenant, "effect": effect.id, "state": effect.state, "tool": effect.tool}
    facts |= {"conversation": effect.conversation, "amount_minor": effect.amount_minor, "currency": effect.currency}
    return Event(f"{effect.id}-{effect.state}-{effect.fence}", EFFECT_CHANGED, facts | {"suspense": suspense})


def add_approval(records: Records, tenant: str, effect: str, approval: dict[str, Any]) -> Effect:
    """Store one approver's yes on a PROPOSED effect; the same person twice counts once."""
    for _ in range(TRIES):
        current, version = read_effect(records, tenant, effect)
        need(current.state == PROPOSED, current, "state", PROPOSED)
        others = [each for each in current.approvals if each["operator"] != approval["operator"]]
        moved = replace(current, approvals=(*others, approval))
        put = Put(table.effect_row(effect), table.to_body(moved), version)
        try:
            records.write(Batch(money_partition(tenant), (put,)))
        except Conflict:
            continue
        return moved
    raise Retry("the money partition kept moving")


def pending_asks(records: Records, tenant: str) -> Sequence[str]:
    """The effects that wait for a person."""
    return [row.body["effect"] for row in records.query(money_partition(tenant), prefix="ASK|")]
