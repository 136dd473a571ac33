"""The sandbox company in memory: its operations on its seed, with books that an invariant can read (B1 to B5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from adapters.business.sandbox.operations import ACTIONS, CONTRACTS, READS
from adapters.business.sandbox.sandbox import digest, find
from adapters.business.sandbox.seed import seed_rows
from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput, Refused, Unavailable, Uncertain, Unsupported
from shared.ports.business_systems import ActionContract

Fault = Literal["down", "fails_after"]
Watch = Callable[[str, str, dict[str, Any], str], None]
BOOKED = ("refund", "credit", "payment")


Key = tuple[str, str]  # kind, id
Kept = dict[Key, tuple[str, str]]  # -> customer, body as JSON text


class MemoryRows(Rows):
    """The company's objects, as JSON text so that nobody shares one; `_owned` says which a customer has of a kind."""

    def __init__(self, seed: Kept, owned: dict[Key, tuple[str, ...]]) -> None:
        self._kept, self._owned = dict(seed), dict(owned)

    def get(self, kind: str, id: str) -> Body | None:
        found = self._kept.get((kind, id))
        return None if found is None else json.loads(found[1])

    def owned(self, kind: str, id: str, customer: str) -> Body | None:
        found = self._kept.get((kind, id))
        return json.loads(found[1]) if found is not None and found[0] == customer else None

    def of(self, customer: str, kind: str) -> list[Body]:
        return [json.loads(self._kept[kind, id][1]) for id in self._owned.get((customer, kind), ())]

    def of_kinds(self, customer: str, *kinds: str) -> dict[str, list[Body]]:
        return {kind: self.of(customer, kind) for kind in kinds}

    def all(self, kind: str) -> list[Body]:
        return [json.loads(body) for (found, _), (_, body) in sorted(self._kept.items()) if found == kind]

    def put(self, kind: str, body: Body) -> Body:
        id, customer = body["id"], body.get("customer", "")
        if (kind, id) not in self._kept:
            owned = (customer, kind)
            self._owned[owned] = tuple(sorted((*self._owned.get(owned, ()), id)))
        self._kept[kind, id] = (customer, json.dumps(body, separators=(",", ":")))
        return body

    def snapshot(self) -> tuple[Kept, dict[Key, tuple[str, ...]]]:
        """Everything as it is, to go back to when an operation fails."""
        return dict(self._kept), dict(self._owned)

    def restore(self, snapshot: tuple[Kept, dict[Key, tuple[str, ...]]]) -> None:
        self._kept, self._owned = snapshot


class SimulatedSystems:
    """The `business_systems` port; `watch` hears of every action that was really done: system, operation,
    arguments, key.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self._rows = MemoryRows(*_seed())
        self._done: dict[tuple[str, str], tuple[str, str]] = {}  # (system, key) -> (request, result)
        self._faults: dict[str, Fault] = {}
        self._watch = watch

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        function = find(READS, system, operation, arguments)
        self._meet(system, "down")
        return function(self._rows, **arguments)

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        if not key:
            raise InvalidInput("no key", field="key", limit="1 character or more", action="give the effect's key")
        function = find(ACTIONS, system, operation, arguments, also=frozenset({"key"}))
        self._meet(system, "down")
        request = digest(operation, arguments)
        before, known = self._rows.snapshot(), self._done.get((system, key))
        if known is None:
            try:
                result = function(self._rows, key=key, **arguments)
            except BaseException:
                self._rows.restore(before)
                raise
            known = self._done[system, key] = (request, json.dumps(result))
            if self._watch is not None:
                self._watch(system, operation, arguments, key)
        if known[0] != request:
            raise Refused("this key stands for another request", field="key", action="use a new key")
        if self._faults.get(system) == "fails_after":
            raise Uncertain(f"{system} gave no answer to {operation}")
        found: dict[str, Any] = json.loads(known[1])
        return found

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        if system not in CONTRACTS:
            raise Unsupported(system)
        self._meet(system, "down")
        found = self._done.get((system, key))
        return json.loads(found[1]) if found else None

    def contract(self, system: str) -> ActionContract:
        if system not in CONTRACTS:
            raise Unsupported(system)
        return CONTRACTS[system]

    def set_fault(self, system: str, fault: Fault | None) -> None:
        """Break a system until it is mended (None)."""
        self._faults.pop(system, None)
        if fault is not None:
            self._faults[system] = fault

    def books(self) -> dict[str, list[Body]]:
        """What the company itself wrote down, whatever keys were used."""
        return {kind: self._rows.all(kind) for kind in BOOKED}

    def _meet(self, system: str, fault: Fault) -> None:
        if self._faults.get(system) == fault:
            raise Unavailable(f"{system} is down")


@cache
def _seed() -> tuple[Kept, dict[Key, tuple[str, ...]]]:
    kept: Kept = {}
    owned: dict[Key, tuple[str, ...]] = {}
    for kind, body in seed_rows():
        customer = body.get("customer", "")
        kept[kind, body["id"]] = (customer, json.dumps(body, separators=(",", ":")))
        owned[customer, kind] = tuple(sorted((*owned.get((customer, kind), ()), body["id"])))
    return kept, owned
