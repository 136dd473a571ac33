"""Opening a ledger that was restored or taken over: first everything unsettled in it is compared with its system.

The old home may have known more than what was restored: an effect that stands here as approved may have been sent
there. So each unsettled effect is looked up by its key: what is found is booked, what is surely absent may go on, and
what nobody can look up waits for a person's word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shared.conversations.keys import money_partition
from shared.effects import ledger
from shared.effects.effect import APPROVED, EXECUTING, PROPOSED, REJECTED, TAKEOVER, TERMINAL, UNKNOWN, Effect
from shared.effects.epoch import REOPEN_AFTER_MS, ROW, SETTLE_MS, Epoch, sent_at_latest, write_epoch
from shared.effects.perform import Till, surely_absent
from shared.errors import NotFound, PortError, WrongState
from shared.ports.tenants import Home

WITHDRAWN_SINCE_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Word:
    """What a person found in a system's own books about effects that no machine can look up."""

    by: str = ""
    paid: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An effect that keeps the ledger closed, and why."""

    effect: str
    state: str
    tool: str
    amount_minor: int
    currency: str
    why: str


def check_ledger(till: Till, home: Home, epoch: Epoch, *, last: int, empty: bool) -> None:
    """Refuse the wrong ledger, an empty one that nobody vouches for, and one whose old home may still be acting.

    `last` is the epoch that the ledger must have; 0: the one before this home's, or this one where it was drained.
    """
    allowed = (last,) if last else (home.epoch - 1, home.epoch)
    _demand(epoch.number in allowed, "last", f"a ledger of epoch {allowed[0]}, not {epoch.number}", "restore that one")
    settled = home.since + REOPEN_AFTER_MS + till.clock.skew()
    _demand(till.clock.now() > settled, "since", f"after {settled}", "wait until the old home is surely done")
    rows = till.records.query(money_partition(home.tenant), limit=2)
    known = empty or any(row.row != ROW for row in rows)
    _demand(known, "empty", "a ledger with rows", "restore it, or say that it never had any")


def settle_all(till: Till, home: Home, word: Word) -> tuple[Unsettled, ...]:
    """Compare every unsettled effect with its system; those that keep the ledger closed. Safe to repeat."""
    every = [each for each in ledger.list_effects(till.records, home.tenant) if _is_unsettled(each, home)]
    _check_word(every, word)
    found = [(each, _settle(till, home, each, word)) for each in every]
    return tuple(
        Unsettled(each.id, each.state, each.tool, each.amount_minor, each.currency, why) for each, why in found if why
    )


def open_ledger(till: Till, home: Home, epoch: Epoch) -> None:
    """From here on money may move, in this home's epoch."""
    write_epoch(till.records, home.tenant, replace(epoch, number=home.epoch, open=True, at=till.clock.now()))


def _is_unsettled(effect: Effect, home: Home) -> bool:
    """Not ended, or withdrawn by a takeover, which asks nobody, perhaps since the ledger was restored."""
    withdrawn = effect.state == REJECTED and effect.reason == TAKEOVER and effect.made > home.since - WITHDRAWN_SINCE_MS
    return effect.state not in TERMINAL or withdrawn


def _check_word(every: list[Effect], word: Word) -> None:
    known = {each.id for each in every}
    for effect in (*word.paid, *word.absent):
        if effect not in known:
            raise NotFound("no such unsettled effect", field="effect", limit="one of the list", action="check the id")
    _demand(bool(word.by) or not (word.paid or word.absent), "operator", "who says so", "name the operator")


def _settle(till: Till, home: Home, effect: Effect, word: Word) -> str:
    """Book or give up the effect; why it cannot be left alone yet, or nothing."""
    try:
        if effect.id in word.paid:
            proof = {"amount_minor": effect.amount_minor, "currency": effect.currency, "told_by": word.by}
            _book(till, effect, proof)
            return ""
        if effect.id in word.absent:
            _give_up(till, effect, word.by)
            return ""
        return _compare(till, home, effect)
    except (PortError, WrongState) as error:  # its system is down, or another worker is at it: ask again later
        return f"{error.code}: {error}"


def _compare(till: Till, home: Home, effect: Effect) -> str:
    contract = till.systems.contract(effect.system)
    if effect.state == PROPOSED and effect.made > home.since + SETTLE_MS:
        return ""  # nobody but this ledger has ever known it, and it starts nothing while it is closed
    if not contract.looks_up or contract.late_bound is None:
        return "its system cannot tell: look into its books and say whether it was paid or is absent"
    proof = till.systems.look_up(effect.system, effect.id)
    if proof is not None:
        _book(till, effect, proof)
        return ""
    absent = surely_absent(sent_at_latest(effect, contract, home), contract, till.clock)
    return "" if absent else "it may still arrive: ask again later"


def _book(till: Till, effect: Effect, proof: dict[str, Any]) -> None:
    """Row 6; what was sent before this ledger knew of an approval goes to suspense, with a hold and an alert."""
    where = (till.records, effect.tenant, effect.id)
    if effect.state == APPROVED:
        ledger.retrace(*where, till.clock, writer=till.writer, proof=proof)
        return
    if effect.state == PROPOSED:
        ledger.reject(*where, "sent by the old home, which knew of its approval")
    ledger.commit(*where, proof)


def _give_up(till: Till, effect: Effect, by: str) -> None:
    where = (till.records, effect.tenant, effect.id)
    if effect.state == EXECUTING:
        ledger.doubt(*where, till.clock, fence=effect.fence, writer=till.writer)
    ledger.reject(*where, f"absent, as {by} found", since=(PROPOSED, APPROVED, UNKNOWN))


def _demand(holds: bool, field: str, limit: str, action: str) -> None:
    if not holds:
        raise WrongState("this ledger cannot be opened", field=field, limit=limit, action=action)
