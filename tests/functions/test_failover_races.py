"""Whatever administrators do and however late each region hears of it, money moves in one region at most (F60)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.clock import ShiftedClock
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.effects.effect import Effect
from shared.effects.epoch import SETTLE_MS, MoneyClosed, need_open, read_epoch, write_epoch
from shared.effects.perform import Till
from shared.effects.reopening import check_ledger, open_ledger
from shared.errors import WrongState
from shared.ports.records import Body, Records
from shared.ports.tenants import Home
from tests.builders.clock import any_clock
from tests.builders.effects import NOON

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
tenants = count()


@dataclass(frozen=True, slots=True)
class View:
    """The directory as one region sees it at one instant."""

    here: str
    seen: Home

    def home(self, tenant: str) -> Home:
        return self.seen

    def at_home(self, region: str) -> Sequence[Home]:
        return [self.seen]

    def add(self, tenant: str, region: str) -> Home:
        return self.seen

    def move(self, tenant: str, region: str) -> Home:
        return self.seen


class World:
    """A tenant, each region's ledger, and what the directory said, with the instant from which on it did."""

    def __init__(self, tenant: str, ledgers: dict[str, Records], systems: Sandbox) -> None:
        self.tenant, self.ledgers, self.systems = tenant, ledgers, systems
        self.clock: ShiftedClock = any_clock(NOON)
        self.said = [(0, Home(tenant, REGIONS[0]))]

    def views(self) -> list[Home]:
        """What somebody may believe now: all that the directory said since everybody must have heard."""
        since = self.clock.now() - SETTLE_MS
        heard_by_all = [home for at, home in self.said if at <= since]
        return heard_by_all[-1:] + [home for at, home in self.said if at > since]

    def who_may_pay(self) -> list[str]:
        """The regions in which some worker may start an effect now, on the stalest directory that is possible."""
        return [region for region in REGIONS if any(self.opens(region, seen) for seen in self.views())]

    def opens(self, region: str, seen: Home) -> bool:
        try:
            need_open(self.ledgers[region], View(region, seen), self.tenant)
        except MoneyClosed:
            return False
        return True

    def till(self, region: str, seen: Home) -> Till:
        return Till(self.ledgers[region], self.systems, self.clock, View(region, seen), never, "w")


def never(effect: Effect) -> Body:
    raise AssertionError("nothing is sent here")


def move(world: World, region: str, other: str, seen: Home) -> None:
    """An administrator, who may know an old home only, names the next one."""
    known = world.clock.now()
    world.said.append((known, replace(seen, region=region, epoch=seen.epoch + 1, since=known)))


def drain(world: World, region: str, other: str, seen: Home) -> None:
    epoch = read_epoch(world.ledgers[region], world.tenant)
    write_epoch(world.ledgers[region], world.tenant, replace(epoch, open=False))


def restore(world: World, region: str, other: str, seen: Home) -> None:
    """A region gets another one's ledger."""
    there = read_epoch(world.ledgers[other], world.tenant)
    here = read_epoch(world.ledgers[region], world.tenant)
    write_epoch(world.ledgers[region], world.tenant, replace(there, version=here.version))


def reopen(world: World, region: str, other: str, seen: Home) -> None:
    if seen.region != region:
        return
    till, epoch = world.till(region, seen), read_epoch(world.ledgers[region], world.tenant)
    with suppress(WrongState):
        check_ledger(till, seen, epoch, last=0, empty=True)
        open_ledger(till, seen, epoch)


def wait(world: World, region: str, other: str, seen: Home) -> None:
    world.clock.advance(40)


ACTS: dict[str, Callable[[World, str, str, Home], None]] = {
    each.__name__: each for each in (move, drain, restore, reopen, wait)
}
steps = st.lists(
    st.tuples(
        st.sampled_from(["move", "drain", "restore", "reopen", "reopen", "wait", "wait", "wait"]),
        st.sampled_from(REGIONS),
        st.sampled_from(REGIONS),
        st.integers(0, 3),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Records], Sandbox]]:
    folder: Path = tmp_path_factory.mktemp("regions")
    with ExitStack() as closing:
        ledgers: dict[str, Records] = {}
        for region in REGIONS:
            store = open_store(folder / region)
            closing.callback(store.close)
            ledgers[region] = LocalRecords(store, any_clock(NOON))
        systems = Sandbox(folder)
        closing.callback(systems.close)
        yield ledgers, systems


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=steps)
@example(steps=[("move", REGIONS[1], REGIONS[0], 0), ("wait", *REGIONS[:2], 0), ("reopen", *REGIONS[1:], 1)])
def test_money_moves_in_one_region_at_most(
    kept: tuple[dict[str, Records], Sandbox], steps: list[tuple[str, str, str, int]]
) -> None:
    world = World(f"t{next(tenants)}", *kept)
    assert world.who_may_pay() == [REGIONS[0]]
    for act, region, other, stale in steps:
        views = world.views()
        ACTS[act](world, region, other, views[stale % len(views)])
        assert len(world.who_may_pay()) <= 1, (act, world.said)


def test_a_move_that_is_waited_for_and_reopened_lets_money_move_there(
    kept: tuple[dict[str, Records], Sandbox],
) -> None:
    """The property above would also hold of a guard that is never open."""
    world = World(f"t{next(tenants)}", *kept)
    move(world, REGIONS[1], REGIONS[0], world.views()[-1])
    assert world.who_may_pay() == [REGIONS[0]], "it may not have heard yet"
    for _ in range(4):
        wait(world, "", "", world.views()[-1])
    assert world.who_may_pay() == []
    reopen(world, REGIONS[1], REGIONS[0], world.views()[-1])
    assert world.who_may_pay() == [REGIONS[1]]
