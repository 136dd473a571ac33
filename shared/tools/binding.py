"""Binding: chosen slots as given, all others from the conversation and from handles that tools issued (T8, I26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.errors import InvalidInput
from shared.tools.tool import Facts, Tool

MONEY_SLOTS = ("amount_minor", "currency")
OWN_SLOTS = frozenset({"customer", "key", *MONEY_SLOTS})


@dataclass(frozen=True, slots=True)
class Money:
    """What a call moves: minor units, taken from `source`, of which `ceiling` is left."""

    amount: int = 0
    currency: str = ""
    source: str = ""
    ceiling: int = 0


def bind_slots(tool: Tool, customer: str, given: Facts, handles: Facts) -> tuple[Facts, Money]:
    """A call's arguments and its money; raises InvalidInput for an extra argument or an id that no tool issued."""
    for name in given:
        _refuse_own(tool, name)
    slots: Facts = {name: given[name] for name in tool.chosen if given.get(name) not in (None, "")}
    money = Money()
    if "customer" in tool.bound:
        slots["customer"] = customer
    for slot in tool.bound:
        if slot not in OWN_SLOTS:
            slots[slot], facts = _take_handle(slot, given.get(slot), handles)
            money = _money_of(slots[slot], facts)
    if "amount_minor" in tool.bound:
        return slots | {"amount_minor": money.amount, "currency": money.currency}, money
    return slots, Money()


def _refuse_own(tool: Tool, name: str) -> None:
    if name in OWN_SLOTS:
        raise InvalidInput("this slot is bound", field=name, limit="set by the platform", action="leave it out")
    if name not in tool.chosen and name not in tool.bound:
        raise InvalidInput("unknown argument", field=name, limit=", ".join(tool.chosen), action="leave it out")


def _take_handle(slot: str, asked: Any, handles: Facts) -> tuple[str, Facts]:
    """An issued handle by its id; the first one where the caller names none."""
    issued: dict[str, Facts] = handles.get(slot, {})
    if asked in (None, ""):
        asked = next(iter(issued), None)
    if asked not in issued:
        raise InvalidInput(
            f"no such {slot} was found for this customer", field=slot, limit="one just found", action="look it up first"
        )
    return str(asked), issued[asked]


def _money_of(source: str, facts: Facts) -> Money:
    amount = int(facts.get("amount_minor", 0))
    return Money(amount, str(facts.get("currency", "")), source, int(facts.get("refundable_minor", amount)))
