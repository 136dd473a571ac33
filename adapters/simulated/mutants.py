"""Known bugs: each is a wrapper around a port or a replaced piece, never an `if` in the product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count
from typing import Any

from adapters.simulated.provider import SimulatedProvider
from shared.domain.finding import Action
from shared.errors import Unavailable, Uncertain
from shared.ports.records import ANY, Batch, Check, Put, Version, Write
from shared.tools.executor import Answer

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


class Changed:
    """A port with one method changed."""

    def __init__(self, port: Any, **methods: Callable[..., Any]) -> None:
        self._port = port
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


def _unconditional(write: Write) -> Write | None:
    return None if isinstance(write, Check) else replace(write, condition=ANY)


def no_conditions(records: Any) -> Any:
    def write(batch: Batch) -> dict[str, Version]:
        kept = [each for each in map(_unconditional, batch.writes) if each is not None]
        found: dict[str, Version] = records.write(replace(batch, writes=kept))
        return found

    return Changed(records, write=write)


def torn_batches(records: Any) -> Any:
    def write(batch: Batch) -> dict[str, Version]:
        versions: dict[str, Version] = {}
        for number, each in enumerate(batch.writes):
            last = number == len(batch.writes) - 1
            versions |= records.write(Batch(batch.partition, (each,), batch.events if last else ()))
        return versions

    return Changed(records, write=write)


def events_apart(records: Any) -> Any:
    def write(batch: Batch) -> dict[str, Version]:
        versions: dict[str, Version] = records.write(replace(batch, events=()))
        if batch.events:
            records.write(Batch(f"{batch.partition}|told", (Put("EVENTS", {}),), batch.events))
        return versions

    return Changed(records, write=write)


def fence_stands_still(records: Any) -> Any:
    def still(write: Write) -> Write:
        if isinstance(write, Put) and write.row.startswith("EFFECT|"):
            return replace(write, body=write.body | {"fence": 1})
        return write

    return Changed(records, write=lambda batch: records.write(replace(batch, writes=[*map(still, batch.writes)])))


def new_key_each_time(systems: Any) -> Any:
    numbers = count(1)
    return Changed(
        systems, act=lambda system, operation, arguments, *, key: systems.act(
            system, operation, arguments, key=f"{key}.{next(numbers)}"
        )
    )  # fmt: skip


def finds_nothing(systems: Any) -> Any:
    return Changed(systems, look_up=lambda system, key: None)


def silence_is_a_no(systems: Any) -> Any:
    def act(*arguments: Any, **named: Any) -> Any:
        try:
            return systems.act(*arguments, **named)
        except Uncertain as error:
            raise Unavailable("nothing was done") from error

    return Changed(systems, act=act)


def silence_is_a_yes(systems: Any) -> Any:
    def act(*arguments: Any, **named: Any) -> Any:
        try:
            return systems.act(*arguments, **named)
        except Uncertain:
            return {"id": "assumed"}

    return Changed(systems, act=act)


def sends_again(channels: Any) -> Any:
    def send(message: Any) -> None:
        channels.send(message)
        channels.send(replace(message, key=f"{message.key}"))

    return Changed(channels, send=send)


def _always(answer: Any) -> Callable[[Any], Any]:
    return lambda original: lambda *arguments, **named: answer


def _puts_anyway(original: Any) -> Any:
    def changed(*arguments: Any, **named: Any) -> Any:
        return [replace(write, condition=ANY) for write in original(*arguments, **named)]

    return changed


def _all_done(original: Any) -> Any:
    def answer(box: Any, tool: Any, effect: Any, money: Any) -> Answer:
        return Answer("ok", effect.result, action=Action(tool.name, "committed", effect.id, money.amount or None))

    return answer


def _forgets_first(original: Any) -> Any:
    def relay(self: Any, tell: Callable[[Any], object]) -> int:
        events = list(self._outbox)
        self._outbox.clear()
        if events:
            tell(events)
        return len(events)

    return relay


def _acknowledges_first(original: Any) -> Any:
    def handle(self: Any, message: Any, body: Any) -> None:
        self.cloud.queue.delete(message)
        original(self, message, body)

    return handle


def _one_line(original: Any) -> Any:
    return lambda effect, actual: original(effect, actual)[:1]


def _writes_head_anyway(original: Any) -> Any:
    def write(records: Any, tenant: str, conversation: str, head: Any, condition: Any, **named: Any) -> Any:
        return original(records, tenant, conversation, head, ANY, **named)

    return write


def _new_key_on_retry(original: Any) -> Any:
    def make(*arguments: Any) -> Any:
        till = original(*arguments)

        def act(effect: Any) -> Any:
            return till.act(replace(effect, id=f"{effect.id}.{effect.attempts}") if effect.attempts > 1 else effect)

        return replace(till, act=act)

    return make


def _any_fence(original: Any) -> Any:
    return lambda self, head: original(self, replace(head, fence=self.turn.fence))


def _as_if_new(original: Any) -> Any:
    return lambda *arguments: replace(original(*arguments), state="")


def _as_if_new_when_unclear(original: Any) -> Any:
    def mark(*arguments: Any) -> Any:
        found = original(*arguments)
        return replace(found, state="") if found.state == "sending" else found

    return mark


LEDGER, PERFORM, TURN = "shared.effects.ledger", "shared.effects.perform", "shared.conversations.turn"
MUTANTS: tuple[Mutant, ...] = (
    Mutant("no_conditions", "rows are written whatever they hold", (("records", no_conditions),)),
    Mutant("torn_batches", "a batch is several writes", (("records", torn_batches),)),
    Mutant("events_apart", "events are stored after their rows", (("records", events_apart),)),
    Mutant("fence_stands_still", "a fence is never raised", (("records", fence_stands_still),)),
    Mutant("new_key_each_time", "each try has a key of its own", (("business_systems", new_key_each_time),)),
    Mutant("silence_is_a_no", "no answer is taken for a refusal", (("business_systems", silence_is_a_no),)),
    Mutant("silence_is_a_yes", "no answer is taken for success", (("business_systems", silence_is_a_yes),)),
    Mutant("new_key_on_retry", "what is unknown is tried under a new key", (("business_systems", finds_nothing),),
        (("shared.tools.executor", "make_till", _new_key_on_retry),)),
    Mutant("sends_again", "a reply leaves twice", (("channels", sends_again),)),
    Mutant("rival_turn", "a live lease is not respected", pieces=(
        ("shared.domain.conversation", "lease_is_live", _always(False)),)),
    Mutant("caps_outside_the_batch", "caps are written without their versions", pieces=(
        (LEDGER, "reserve_caps", _puts_anyway),)),
    Mutant("caps_not_asked", "caps are not reserved", pieces=((LEDGER, "reserve_caps", _always([])),)),
    Mutant("twice_a_payment", "a payment may be refunded for every message that asks", pieces=(
        ("shared.effects.effect", "once_row", _always("")), (LEDGER, "reserve_caps", _always([])))),
    Mutant("given_up_early", "an absent effect is given up before it can arrive", pieces=(
        (PERFORM, "surely_absent", _always(True)), (PERFORM, "retry_safe", _always(False)))),
    Mutant("approval_not_bound", "an approval counts for any arguments", pieces=(
        ("shared.effects.approvals", "_check_right", _always(None)), (LEDGER, "has_approvers", _always(True)))),
    Mutant("told_too_early", "a customer hears of success whatever the ledger says", pieces=(
        ("shared.tools.executor", "_answer_from", _all_done),)),
    Mutant("forgets_first", "the relay forgets before it tells", pieces=(
        ("adapters.simulated.records", "SimulatedRecords.relay", _forgets_first),)),
    Mutant("acknowledges_first", "a message is deleted before it is handled", pieces=(
        ("adapters.simulated.world", "World._handle", _acknowledges_first),)),
    Mutant("one_sided_posting", "half of a posting is written", pieces=((LEDGER, "post", _one_line),)),
    Mutant("head_written_anyway", "a head is written whatever it holds", pieces=(
        (TURN, "write_head", _writes_head_anyway),
        ("shared.conversations.claim", "write_head", _writes_head_anyway))),
    Mutant("any_fence", "a turn that lost its fence commits all the same", pieces=(
        (TURN, "_Commit.find_settled", _any_fence),
        ("shared.conversations.claim", "LEASE_MS", lambda original: 500))),
    Mutant("delivery_not_marked", "a sending is not marked before", pieces=(
        ("functions.reply.deliver", "mark_sending", _as_if_new),)),
    Mutant("unclear_sent_again", "an unclear sending is made again", pieces=(
        ("functions.reply.deliver", "mark_sending", _as_if_new_when_unclear),)),
)  # fmt: skip
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
