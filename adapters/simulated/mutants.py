"""Known bugs: each is a wrapper around a port or a replaced piece, never an `if` in the product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from adapters.simulated import bugs
from adapters.simulated.provider import SimulatedProvider

Piece = tuple[str, str, Callable[[Any], Any]]  # where, its name there (dots go into a class), what takes its place


@dataclass(frozen=True, slots=True)
class Mutant:
    """One bug: `says` what is wrong; `ports` are wrapped by name, `pieces` replaced while it lives."""

    name: str
    says: str
    ports: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    pieces: tuple[Piece, ...] = ()

    def wrap(self, provider: SimulatedProvider) -> SimulatedProvider:
        changed: dict[str, Any] = {name: make(getattr(provider, name)) for name, make in self.ports}
        return replace(provider, **changed)


@contextmanager
def alive(mutant: Mutant) -> Iterator[None]:
    """Put the mutant's pieces in place of the real ones."""
    undo: list[tuple[Any, str, Any]] = []
    try:
        for where, path, make in mutant.pieces:
            holder: Any = import_module(where)
            *inner, name = path.split(".")
            for part in inner:
                holder = getattr(holder, part)
            original = holder.__dict__[name]
            undo.append((holder, name, original))
            setattr(holder, name, make(original))
        yield
    finally:
        for holder, name, original in reversed(undo):
            setattr(holder, name, original)


LEDGER, PERFORM, TURN = "shared.effects.ledger", "shared.effects.perform", "shared.conversations.turn"
MUTANTS: tuple[Mutant, ...] = (
    Mutant("no_conditions", "rows are written whatever they hold", (("records", bugs.no_conditions),)),
    Mutant("torn_batches", "a batch is several writes", (("records", bugs.torn_batches),)),
    Mutant("events_apart", "events are stored after their rows", (("records", bugs.events_apart),)),
    Mutant("fence_stands_still", "a fence is never raised", (("records", bugs.fence_stands_still),)),
    Mutant("new_key_each_time", "each try has a key of its own", (("business_systems", bugs.new_key_each_time),)),
    Mutant("silence_is_a_no", "no answer is taken for a refusal", (("business_systems", bugs.silence_is_a_no),)),
    Mutant("silence_is_a_yes", "no answer is taken for success", (("business_systems", bugs.silence_is_a_yes),)),
    Mutant("new_key_on_retry", "what is unknown is tried under a new key", (("business_systems", bugs.finds_nothing),),
        (("shared.tools.executor", "make_till", bugs.new_key_on_retry),)),
    Mutant("sends_again", "a reply leaves twice", (("channels", bugs.sends_again),)),
    Mutant("rival_turn", "a live lease is not respected", pieces=(
        ("shared.domain.conversation", "lease_is_live", bugs.always(False)),)),
    Mutant("caps_outside_the_batch", "caps are written without their versions", pieces=(
        (LEDGER, "reserve_caps", bugs.puts_anyway),)),
    Mutant("caps_not_asked", "caps are not reserved", pieces=((LEDGER, "reserve_caps", bugs.always([])),)),
    Mutant("twice_a_payment", "a payment may be refunded for every message that asks", pieces=(
        ("shared.effects.effect", "once_row", bugs.always("")), (LEDGER, "reserve_caps", bugs.always([])))),
    Mutant("given_up_early", "an absent effect is given up before it can arrive", pieces=(
        (PERFORM, "surely_absent", bugs.always(True)), (PERFORM, "retry_safe", bugs.always(False)))),
    Mutant("approval_not_bound", "an approval counts for any arguments", pieces=(
        ("shared.effects.approvals", "_check_right", bugs.always(None)), (LEDGER, "has_approvers", bugs.always(True)))),
    Mutant("told_too_early", "a customer hears of success whatever the ledger says", pieces=(
        ("shared.tools.executor", "_answer_from", bugs.all_done),)),
    Mutant("forgets_first", "the relay forgets before it tells", pieces=(
        ("adapters.simulated.records", "SimulatedRecords.relay", bugs.forgets_first),)),
    Mutant("acknowledges_first", "a message is deleted before it is handled", pieces=(
        ("adapters.simulated.world", "World._handle", bugs.acknowledges_first),)),
    Mutant("one_sided_posting", "half of a posting is written", pieces=((LEDGER, "post", bugs.one_line),)),
    Mutant("head_written_anyway", "a head is written whatever it holds", pieces=(
        (TURN, "write_head", bugs.writes_head_anyway),
        ("shared.conversations.claim", "write_head", bugs.writes_head_anyway))),
    Mutant("any_fence", "a turn that lost its fence commits all the same", pieces=(
        (TURN, "_Commit.find_settled", bugs.any_fence),
        ("shared.conversations.claim", "LEASE_MS", lambda original: 500))),
    Mutant("delivery_not_marked", "a sending is not marked before", pieces=(
        ("functions.reply.deliver", "mark_sending", bugs.as_if_new),)),
    Mutant("unclear_sent_again", "an unclear sending is made again", pieces=(
        ("functions.reply.deliver", "mark_sending", bugs.as_if_new_when_unclear),)),
    Mutant("epoch_not_asked", "a restored ledger sends at once, and does not look first", pieces=(
        ("shared.effects.guards", "need_open", bugs.never), (PERFORM, "has_moved", bugs.always(False)),
        ("shared.effects.epoch", "has_moved", bugs.always(False)))),
    Mutant("words_lie_open", "what customers write is stored as it is", pieces=(
        ("shared.privacy.vault", "Vault.seal", bugs.seals_nothing),
        ("shared.privacy.vault", "Vault.open", bugs.opens_anything))),
    Mutant("one_desk_for_all", "every tenant's views are kept with the first one's", pieces=(
        ("shared.conversations.views", "view_partition", bugs.for_everybody),)),
    Mutant("keeps_reserved", "what was paid stays reserved as well", pieces=(
        (LEDGER, "settle_caps", bugs.keeps_reserved),)),
    Mutant("books_as_asked", "the ledger books what was asked for, not what the proof says", pieces=(
        (PERFORM, "ledger.commit", bugs.as_asked),)),
    Mutant("no_hold", "an operator takes a conversation over, and its effects are not held", pieces=(
        ("functions.escalation.take", "set_hold", bugs.never),
        ("functions.escalation.take", "withdraw_unsent", bugs.never))),
    Mutant("breach_told_again", "a missed deadline is told with every look", pieces=(
        ("shared.conversations.promises", "news_at", bugs.told_again),)),
    Mutant("anybodys_money", "an effect is booked for whoever comes to mind", pieces=(
        ("shared.tools.executor", "_make_effect", bugs.one_name_for_all),)),
)  # fmt: skip
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
