"""What every provider's `business_systems` must do: B1 to B5. Each system behind the port brings its own Example."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pytest

from shared.errors import Refused, Unavailable, Uncertain, Unsupported
from shared.ports.business_systems import BusinessSystems

Fault = Literal["down", "fails_after"]
Arguments = dict[str, Any]
Call = tuple[str, Arguments]

_fresh = itertools.count()


class HasBusinessSystems(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def business_systems(self) -> BusinessSystems: ...


@dataclass(frozen=True, slots=True)
class Example:
    """One action of a system, and a read that tells what became of it.

    `done` counts, in what `tell` answers, how often the action was done. `other` are arguments of another request for
    the same operation, `refused` are arguments that the system does not accept. `reads` change nothing, nor does
    `tell`, and answer the same until something is done.
    """

    system: str
    act: Call
    other: Arguments
    refused: Arguments
    tell: Call
    done: Callable[[dict[str, Any]], int]
    reads: tuple[Call, ...] = ()


def any_key() -> str:
    return f"contract{time.time_ns():x}x{next(_fresh)}"


class BusinessSystemsContract:
    """B1 to B5; a subclass supplies `provider`, `example` and `break_down`."""

    example: Example

    def break_down(self, provider: Any, fault: Fault | None) -> None:
        """Break the example's system until it is mended (None): `down` does nothing, `fails_after` acts in silence."""
        raise NotImplementedError

    def test_b1_reading_and_looking_up_change_nothing(self, provider: HasBusinessSystems) -> None:
        systems, example = provider.business_systems, self.example
        before = [systems.read(example.system, *call) for call in (example.tell, *example.reads)]
        systems.look_up(example.system, any_key())
        assert [systems.read(example.system, *call) for call in (example.tell, *example.reads)] == before

    def test_b2_an_action_is_done_once_per_key_and_answers_the_same(self, provider: HasBusinessSystems) -> None:
        key, before = self.remembered_key(provider), self.times_done(provider)
        first = self.act(provider, key)
        assert self.times_done(provider) == before + 1
        assert [self.act(provider, key) for _ in range(2)] == [first, first]
        assert self.times_done(provider) == before + 1

    def test_b2_many_who_act_at_once_under_one_key_act_once(self, provider: HasBusinessSystems) -> None:
        key, before = self.remembered_key(provider), self.times_done(provider)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: self.act(provider, key), range(8)))
        assert answers == [answers[0]] * 8
        assert self.times_done(provider) == before + 1

    def test_b2_a_key_that_stood_for_other_arguments_is_refused(self, provider: HasBusinessSystems) -> None:
        key = self.remembered_key(provider)
        if not provider.business_systems.contract(self.example.system).refuses_mismatch:
            pytest.skip(f"{self.example.system} says that it does not compare the arguments of a key")
        first, done = self.act(provider, key), self.times_done(provider)
        with pytest.raises(Refused):
            self.act(provider, key, self.example.other)
        assert self.times_done(provider) == done
        assert self.act(provider, key) == first

    def test_b3_an_action_is_found_by_its_key_and_an_unknown_key_is_absent(self, provider: HasBusinessSystems) -> None:
        look_up, key = self.looking_up(provider), any_key()
        assert look_up(key) is None
        result = self.act(provider, key)
        assert look_up(key) == result
        assert look_up(any_key()) is None

    def test_b4_what_was_refused_is_not_done(self, provider: HasBusinessSystems) -> None:
        key, before = any_key(), self.times_done(provider)
        contract = provider.business_systems.contract(self.example.system)
        with pytest.raises(Refused):
            self.act(provider, key, self.example.refused)
        assert self.times_done(provider) == before
        if contract.looks_up:
            assert self.looking_up(provider)(key) is None
        if not contract.saves_failures:
            self.act(provider, key)
            assert self.times_done(provider) == before + 1

    def test_b4_unavailable_is_certainly_not_done_and_may_be_tried_again(self, provider: HasBusinessSystems) -> None:
        key, before = any_key(), self.times_done(provider)
        self.break_down(provider, "down")
        with pytest.raises(Unavailable):
            self.act(provider, key)
        with pytest.raises(Unavailable):
            self.times_done(provider)
        self.break_down(provider, None)
        assert self.times_done(provider) == before
        self.act(provider, key)
        assert self.times_done(provider) == before + 1

    def test_b4_where_a_system_is_down_nothing_is_called_absent(self, provider: HasBusinessSystems) -> None:
        look_up, key = self.looking_up(provider), any_key()
        self.act(provider, key)
        self.break_down(provider, "down")
        with pytest.raises(Unavailable):
            look_up(key)

    def test_b4_uncertain_may_have_been_done_and_looking_up_tells(self, provider: HasBusinessSystems) -> None:
        look_up, key, before = self.looking_up(provider), any_key(), self.times_done(provider)
        self.break_down(provider, "fails_after")
        with pytest.raises(Uncertain):
            self.act(provider, key)
        self.break_down(provider, None)
        found = look_up(key)
        assert found is not None
        assert self.times_done(provider) == before + 1
        if provider.business_systems.contract(self.example.system).window:
            assert self.act(provider, key) == found
            assert self.times_done(provider) == before + 1

    def test_b5_an_unknown_operation_or_system_is_unsupported(self, provider: HasBusinessSystems) -> None:
        systems, system, key = provider.business_systems, self.example.system, any_key()
        for call in (
            lambda: systems.read(system, "divine", {}),
            lambda: systems.act(system, "divine", {}, key=key),
            lambda: systems.read("weather", "divine", {}),
            lambda: systems.act("weather", "rain", {}, key=key),
            lambda: systems.look_up("weather", key),
            lambda: systems.contract("weather"),
        ):
            with pytest.raises(Unsupported):
                call()

    def test_b5_an_action_cannot_be_read_nor_a_read_acted(self, provider: HasBusinessSystems) -> None:
        before = self.times_done(provider)
        with pytest.raises(Unsupported):
            provider.business_systems.read(self.example.system, *self.example.act)
        with pytest.raises(Unsupported):
            provider.business_systems.act(self.example.system, *self.example.tell, key=any_key())
        assert self.times_done(provider) == before

    def test_a_contract_leaves_time_to_try_again_while_the_key_is_remembered(
        self, provider: HasBusinessSystems
    ) -> None:
        contract = provider.business_systems.contract(self.example.system)
        late = contract.late_bound or 0
        assert all(type(seconds) is int for seconds in (contract.window, late, contract.answers_within))
        assert min(contract.window, late, contract.answers_within - 1) >= 0
        assert contract.window == 0 or contract.answers_within + late < contract.window
        assert provider.business_systems.contract(self.example.system) == contract

    def act(self, provider: HasBusinessSystems, key: str, arguments: Arguments | None = None) -> dict[str, Any]:
        operation, usual = self.example.act
        return provider.business_systems.act(self.example.system, operation, arguments or usual, key=key)

    def times_done(self, provider: HasBusinessSystems) -> int:
        return self.example.done(provider.business_systems.read(self.example.system, *self.example.tell))

    def remembered_key(self, provider: HasBusinessSystems) -> str:
        """A fresh key of a system that deduplicates; one that says it does not has nothing to keep here."""
        if not provider.business_systems.contract(self.example.system).window:
            pytest.skip(f"{self.example.system} says that it remembers no key")
        return any_key()

    def looking_up(self, provider: HasBusinessSystems) -> Callable[[str], dict[str, Any] | None]:
        """Looks an action up by its key, where the system says that it can."""
        if not provider.business_systems.contract(self.example.system).looks_up:
            pytest.skip(f"{self.example.system} says that it cannot look an action up")
        return lambda key: provider.business_systems.look_up(self.example.system, key)
