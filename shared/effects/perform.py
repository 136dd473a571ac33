"""Carry out an approved effect: take the fence, call the system once, record what it said. Safe to repeat anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.effects import ledger
from shared.effects.effect import APPROVED, COMMITTED, EXECUTING, REJECTED, UNKNOWN, Effect
from shared.effects.epoch import has_moved, sent_at_latest
from shared.effects.guards import is_abandoned, is_expired
from shared.errors import Refused, Unavailable, Uncertain, WrongState
from shared.ports.business_systems import ActionContract, BusinessSystems
from shared.ports.clock import Clock
from shared.ports.records import Records
from shared.ports.tenants import Tenants


@dataclass(frozen=True, slots=True)
class Till:
    """What it takes to move an effect: `act` sends it to its system, `writer` names the execution that is at it."""

    records: Records
    systems: BusinessSystems
    clock: Clock
    homes: Tenants
    act: Callable[[Effect], dict[str, Any]]
    writer: str


def perform(till: Till, tenant: str, effect: str) -> Effect:
    """Bring an effect as far as it can go now and return it as it stands; raises WrongState on a hold or an expiry."""
    current, _ = ledger.read_effect(till.records, tenant, effect)
    if current.state == APPROVED:
        return _send(till, current)
    if current.state == EXECUTING and (current.writer == till.writer or is_abandoned(current, till.clock)):
        current = _doubt(till, current)
    if current.state == UNKNOWN:
        return resolve(till, current)
    return current


def resolve(till: Till, effect: Effect) -> Effect:
    """Find out about an UNKNOWN effect: proof commits it; only a safe retry sends again, under the same key (I10)."""
    contract = till.systems.contract(effect.system)
    if contract.looks_up:
        proof = till.systems.look_up(effect.system, effect.id)
        if proof is not None:
            return ledger.commit(till.records, effect.tenant, effect.id, proof)
    absent = surely_absent(sent_at_latest(effect, contract, till.homes.home(effect.tenant)), contract, till.clock)
    if absent and not effect.reason and retry_safe(effect, contract, till.clock):
        return _send(till, effect)
    if absent:  # and where its system has refused it, asking again would only be refused again
        reason = effect.reason or "unavailable: absent at the payment system"
        return ledger.reject(till.records, effect.tenant, effect.id, reason, since=(UNKNOWN,), fence=effect.fence)
    return effect


def retry_safe(effect: Effect, contract: ActionContract, clock: Clock) -> bool:
    """Row 9's guard for what is surely absent: inside the window, still approved, and deduplicated by our key."""
    closes = effect.first_sent + contract.window * 1000 - clock.skew()
    return bool(contract.window) and clock.now() < closes and not is_expired(effect, clock)


def surely_absent(sent: int, contract: ActionContract, clock: Clock) -> bool:
    """Row 10's guard: the system looks up by our key, and nothing that was `sent` until then can still arrive."""
    if not contract.looks_up or contract.late_bound is None:
        return False
    return clock.now() > sent + contract.late_bound * 1000 + clock.skew()


def _send(till: Till, effect: Effect) -> Effect:
    proof = _proof_from_before(till, effect)
    within = till.systems.contract(effect.system).answers_within
    begun = ledger.begin(
        till.records, effect.tenant, effect.id, till.clock, homes=till.homes, writer=till.writer, within=within
    )
    if proof is not None:
        return ledger.commit(till.records, begun.tenant, begun.id, proof)
    if till.clock.now() >= begun.send_by:  # paused between the fence and here: too late to send safely
        return _doubt(till, begun)
    try:
        proof = till.act(begun)
    except Uncertain:
        return _doubt(till, begun)
    except (Refused, Unavailable) as refusal:
        return _not_done(till, begun, refusal)
    return ledger.commit(till.records, begun.tenant, begun.id, proof)


def _proof_from_before(till: Till, effect: Effect) -> dict[str, Any] | None:
    """What the old home's ledger may have known and this one does not: a first try looks before it sends."""
    if effect.attempts or not has_moved(till.homes.home(effect.tenant)):
        return None
    if not till.systems.contract(effect.system).looks_up:
        return None
    return till.systems.look_up(effect.system, effect.id)


def _doubt(till: Till, effect: Effect, reason: str = "") -> Effect:
    return ledger.doubt(
        till.records, effect.tenant, effect.id, till.clock, fence=effect.fence, writer=till.writer, reason=reason
    )


def _not_done(till: Till, effect: Effect, refusal: Refused | Unavailable) -> Effect:
    """Declared "not executed": the first attempt may be refused; a later one cannot speak for the earlier ones."""
    reason = f"{refusal.code}: {refusal}"
    try:
        if effect.attempts == 1:
            return ledger.refuse(till.records, effect.tenant, effect.id, effect.fence, reason)
        return _doubt(till, effect, reason if isinstance(refusal, Refused) else "")
    except WrongState:  # another worker brought proof meanwhile
        return ledger.read_effect(till.records, effect.tenant, effect.id)[0]


def told_state(effect: Effect) -> str:
    """What a customer may be told of an effect: `done` only where the ledger says COMMITTED (I12)."""
    told = {COMMITTED: "done", REJECTED: "refused", UNKNOWN: "pending", EXECUTING: "pending"}
    return told.get(effect.state, "waiting")
