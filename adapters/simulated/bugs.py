"""How the known bugs go wrong: ports with one method changed, and pieces that take the place of real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from shared.domain.finding import Action
from shared.effects.ledger import read_effect
from shared.errors import Unavailable, Uncertain
from shared.ports.records import ANY, Batch, Check, Put, Version, Write
from shared.tools.executor import Answer


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
            return {**arguments[2], "id": "assumed", "sent_to": "somebody@example.com"}

    return Changed(systems, act=act)


def sends_again(channels: Any) -> Any:
    def send(message: Any) -> None:
        channels.send(message)
        channels.send(replace(message, key=f"{message.key}"))

    return Changed(channels, send=send)


def always(answer: Any) -> Callable[[Any], Any]:
    return lambda original: lambda *arguments, **named: answer


def puts_anyway(original: Any) -> Any:
    def changed(*arguments: Any, **named: Any) -> Any:
        return [replace(write, condition=ANY) for write in original(*arguments, **named)]

    return changed


def all_done(original: Any) -> Any:
    def answer(box: Any, tool: Any, effect: Any, money: Any) -> Answer:
        return Answer("ok", effect.result, action=Action(tool.name, "committed", effect.id, money.amount or None))

    return answer


def forgets_first(original: Any) -> Any:
    def relay(self: Any, tell: Callable[[Any], object]) -> int:
        events = list(self._outbox)
        self._outbox.clear()
        if events:
            tell(events)
        return len(events)

    return relay


def acknowledges_first(original: Any) -> Any:
    def handle(self: Any, message: Any, body: Any) -> None:
        self.cloud.queue.delete(message)
        original(self, message, body)

    return handle


def one_line(original: Any) -> Any:
    return lambda effect, actual: original(effect, actual)[:1]


def writes_head_anyway(original: Any) -> Any:
    def write(records: Any, tenant: str, conversation: str, head: Any, condition: Any, **named: Any) -> Any:
        return original(records, tenant, conversation, head, ANY, **named)

    return write


def new_key_on_retry(original: Any) -> Any:
    def make(*arguments: Any) -> Any:
        till = original(*arguments)

        def act(effect: Any) -> Any:
            return till.act(replace(effect, id=f"{effect.id}.{effect.attempts}") if effect.attempts > 1 else effect)

        return replace(till, act=act)

    return make


def any_fence(original: Any) -> Any:
    return lambda self, head: original(self, replace(head, fence=self.turn.fence))


def as_if_new(original: Any) -> Any:
    return lambda *arguments: replace(original(*arguments), state="")


def as_if_new_when_unclear(original: Any) -> Any:
    def mark(*arguments: Any) -> Any:
        found = original(*arguments)
        return replace(found, state="") if found.state == "sending" else found

    return mark


def never(original: Any) -> Any:
    return lambda *arguments, **named: None


def seals_nothing(original: Any) -> Any:
    return lambda self, tenant, subject, value: json.dumps(value)


def opens_anything(original: Any) -> Any:
    return lambda self, tenant, subject, sealed: json.loads(sealed)


def keeps_reserved(original: Any) -> Any:
    def settle(records: Any, effect: Any, actual: int) -> Any:
        return [
            replace(write, body=write.body | {"reserved": write.body["reserved"] + effect.amount_minor})
            for write in original(records, effect, actual)
        ]

    return settle


def as_asked(original: Any) -> Any:
    def commit(records: Any, tenant: str, effect: str, result: Any) -> Any:
        asked = read_effect(records, tenant, effect)[0].amount_minor
        return original(records, tenant, effect, result | {"amount_minor": asked})

    return commit


def told_again(original: Any) -> Any:
    return lambda deadline, told, now: original(deadline, "running", now)


def for_everybody(original: Any) -> Any:
    return lambda tenant, view: original("demo", view)


def one_name_for_all(original: Any) -> Any:
    """Whoever writes on an order is taken for the first customer who did."""
    return lambda *arguments, **named: replace(original(*arguments, **named), customer="cus_uma")
