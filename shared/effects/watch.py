"""Which effects somebody has to look at again: a row in the ledger for each that is not settled, sorted by when.

`OPEN|<epoch ms>|<effect>` stands from the proposal to the end and moves with the effect's lease; `TELL|<effect>` is
left where an effect ends in the absence of the turn that asked for it, so that its conversation hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.conversations.keys import money_partition
from shared.effects.effect import EXECUTING, TERMINAL, UNKNOWN, Effect, effect_row, from_body
from shared.ports.records import Batch, Delete, Put, Records, Write

ABANDONED_MS = 24 * 3_600_000
IN_FLIGHT = (EXECUTING, UNKNOWN)
MOST = 500
DIGITS = 15


def watch_row(effect: Effect) -> str:
    """The row of an effect that is not settled: when its lease, its approval or our patience ends."""
    if effect.state in TERMINAL:
        return ""
    at = effect.lease if effect.state in IN_FLIGHT else effect.expires or effect.made + ABANDONED_MS
    return f"OPEN|{at:0{DIGITS}d}|{effect.id}"


def watch_writes(before: Effect, after: Effect) -> list[Write]:
    """What a transition does to the index."""
    old, new = watch_row(before), watch_row(after)
    writes: list[Write] = [] if old == new else [Delete(old), *([Put(new, {"effect": after.id})] if new else [])]
    if not new and before.state != EXECUTING:
        writes.append(Put(f"TELL|{after.id}", {"effect": after.id}))
    return writes


def due_effects(records: Records, tenant: str, now: int, states: Sequence[str]) -> list[Effect]:
    """Effects in these states whose time has come, the longest overdue first; at most 500 rows are read."""
    end = f"OPEN|{now + 1:0{DIGITS}d}"
    rows = records.query(money_partition(tenant), start="OPEN|", end=end, limit=MOST)
    found = [records.get(money_partition(tenant), effect_row(row.body["effect"])) for row in rows]
    return [effect for row in found if row and (effect := from_body(row.body)).state in states]


def read_untold(records: Records, tenant: str) -> list[str]:
    """Effects whose conversation may not know yet how they ended."""
    return [row.body["effect"] for row in records.query(money_partition(tenant), prefix="TELL|", limit=MOST)]


def forget_untold(records: Records, tenant: str, effect: str) -> None:
    """Its conversation knows, or a person has it."""
    records.write(Batch(money_partition(tenant), (Delete(f"TELL|{effect}"),)))
