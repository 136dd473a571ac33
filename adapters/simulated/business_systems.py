"""The sandbox company in memory: its operations on its seed, with books that an invariant can read (B1 to B5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from adapters.business.sandbox.operations import ACTIONS, CONTRACTS, READS
from adapters.business.sandbox.sandbox import digest, find
from adapters.business.sandbox.seed import seed_rows
from adapters.business.sandbox.store import Body, Rows
from shared.errors import InvalidInput, Refused, Unavailable, Uncertain, Unsupported
from shared.ports.business_systems import ActionContract
from shared.ports.clock import Clock

Fault = Literal["down", "fails_after"]
Watch = Callable[[str, str, dict[str, Any], str], None]
BOOKED = ("refund", "credit", "payment")
Action = tuple[str, str]  # system, key
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


@dataclass(frozen=True, slots=True)
class Done:
    """An action that was done under a key: the request as it came, the result, when (epoch ms)."""

    request: str
    result: str
    at: int


class SimulatedSystems:
    """The `business_systems` port; `terms` are its contracts, which it keeps, and `watch` hears of every action that
    was really done: system, operation, arguments as they were booked, key.
    """

    def __init__(
        self, watch: Watch | None = None, *, terms: Mapping[str, ActionContract] = CONTRACTS, clock: Clock | None = None
    ) -> None:
        self._rows = MemoryRows(*_seed())
        self._done: dict[Action, Done] = {}
        self._failed: set[Action] = set()
        self._faults: dict[str, Fault] = {}
        self._watch, self._terms, self._clock = watch, terms, clock
        self.on_the_way: set[Action] = set()  # requests that were sent and have not arrived
        self.books: Callable[[int], int] = _exactly  # what the next action makes of an amount in minor units
        self.mismatches: list[str] = []  # keys that came again with another request

    def read(self, system: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        function = find(READS, system, operation, arguments)
        self._meet(system, "down")
        return function(self._rows, **arguments)

    def act(self, system: str, operation: str, arguments: dict[str, Any], *, key: str) -> dict[str, Any]:
        if not key:
            raise InvalidInput("no key", field="key", limit="1 character or more", action="give the effect's key")
        function = find(ACTIONS, system, operation, arguments, also=frozenset({"key"}))
        self._meet(system, "down")
        if (system, key) in self.on_the_way or (system, key) in self._failed:
            raise Uncertain(f"{system} has a request under this key already, and does not say what became of it")
        request = digest(operation, arguments)
        known = self._remembered(system, key)
        if known is None:
            known = self._do(system, key, request, self._as_booked(arguments), function)
            if self._watch is not None:
                self._watch(system, operation, self._as_booked(arguments), key)
            self.books = _exactly
        if known.request != request:
            self.mismatches.append(key)
            raise Refused("this key stands for another request", field="key", action="use a new key")
        if self._faults.get(system) == "fails_after":
            raise Uncertain(f"{system} gave no answer to {operation}")
        found: dict[str, Any] = json.loads(known.result)
        return found

    def look_up(self, system: str, key: str) -> dict[str, Any] | None:
        if not self.contract(system).looks_up:
            raise Unsupported(f"looking up an action of {system}")
        self._meet(system, "down")
        found = self._done.get((system, key))
        return json.loads(found.result) if found else None

    def contract(self, system: str) -> ActionContract:
        if system not in self._terms:
            raise Unsupported(system)
        return self._terms[system]

    def set_fault(self, system: str, fault: Fault | None) -> None:
        """Break a system until it is mended (None)."""
        self._faults.pop(system, None)
        if fault is not None:
            self._faults[system] = fault

    def keep_failure(self, system: str, key: str) -> None:
        """An answer was a failure: a system that saves those gives it again under the same key."""
        if self.contract(system).saves_failures:
            self._failed.add((system, key))

    def done(self, system: str, key: str) -> dict[str, Any] | None:
        """What was really done under a key, for an operator who reads the system's own books."""
        found = self._done.get((system, key))
        return json.loads(found.result) if found else None

    def booked(self) -> dict[str, list[Body]]:
        """What the company itself wrote down, whatever keys were used."""
        return {kind: self._rows.all(kind) for kind in BOOKED}

    def _remembered(self, system: str, key: str) -> Done | None:
        """What this key stands for, as long as the contract says that it is remembered."""
        found = self._done.get((system, key))
        if found is None or self._now() <= found.at + self.contract(system).window * 1000:
            return found
        return None

    def _do(self, system: str, key: str, request: str, arguments: Body, function: Callable[..., Body]) -> Done:
        before = self._rows.snapshot()
        try:
            result = function(self._rows, key=key, **arguments)
        except BaseException:
            self._rows.restore(before)
            raise
        done = self._done[system, key] = Done(request, json.dumps(result), self._now())
        return done

    def _as_booked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        amount = arguments.get("amount_minor")
        return dict(arguments) if amount is None else arguments | {"amount_minor": self.books(amount)}

    def _now(self) -> int:
        return self._clock.now() if self._clock else 0

    def _meet(self, system: str, fault: Fault) -> None:
        if self._faults.get(system) == fault:
            raise Unavailable(f"{system} is down")


def _exactly(amount: int) -> int:
    return amount


@cache
def _seed() -> tuple[Kept, dict[Key, tuple[str, ...]]]:
    kept: Kept = {}
    owned: dict[Key, tuple[str, ...]] = {}
    for kind, body in seed_rows():
        customer = body.get("customer", "")
        kept[kind, body["id"]] = (customer, json.dumps(body, separators=(",", ":")))
        owned[customer, kind] = tuple(sorted((*owned.get((customer, kind), ()), body["id"])))
    return kept, owned
