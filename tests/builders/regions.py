"""Two regions on one machine: each its own data folder, one directory of tenants and one payment system for both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.clock import ShiftedClock
from adapters.local.ids import LocalIds
from adapters.local.platform import Platform
from adapters.local.seeding import seed_articles
from adapters.local.tenants import LocalTenants
from shared.dispatch import Application
from shared.effects.epoch import REOPEN_AFTER_MS
from shared.settings import Settings
from tests.builders.clock import any_clock
from tests.builders.platform import MONDAY, TENANT, House

DUBLIN, OREGON = "eu-west-1", "us-west-2"
SETTLED = REOPEN_AFTER_MS // 1000 + 1  # seconds after a move from which on the ledger may be opened


@dataclass
class World:
    """What regions share, in a folder."""

    folder: Path
    systems: Sandbox
    clock: ShiftedClock

    def tenants(self, here: str) -> LocalTenants:
        """The directory as one region sees it."""
        return LocalTenants(self.folder / "directory", self.clock, LocalIds(), here=here)

    def back_up(self, region: str) -> None:
        """Remember a region's data as they are now: what can be restored later."""
        shutil.rmtree(self.folder / "backup", ignore_errors=True)
        shutil.copytree(self.folder / region, self.folder / "backup")

    def restore(self, region: str) -> None:
        """Give a region what was remembered, in place of whatever it had."""
        shutil.rmtree(self.folder / region, ignore_errors=True)
        shutil.copytree(self.folder / "backup", self.folder / region)

    def move(self, to: str) -> None:
        """An administrator says that the tenant's home is elsewhere now."""
        self.tenants(to).move(TENANT, to)

    def refunds(self, customer: str) -> int:
        """What the payment system itself has paid back, whatever keys were used."""
        return sum(refund["customer"] == customer for refund in self.systems.books()["refund"])

    def settle(self) -> None:
        """Wait until the old home must have heard of a move, and nothing that it sent is on its way."""
        self.clock.advance(SETTLED)


@contextmanager
def open_region(world: World, region: str) -> Iterator[House]:
    """A house in one region, on the data that it has or was given."""
    folder, settings = world.folder / region, Settings(tenant=TENANT)
    platform = Platform(folder, settings, clock=world.clock, sleep=lambda seconds: world.clock.advance(ceil(seconds)))
    ports = platform.provider
    platform.provider = replace(ports, tenants=world.tenants(region), business_systems=world.systems)
    platform.app = Application(platform.provider, platform.app.company)
    try:
        seed_articles(platform, TENANT)
        platform.pump()
        yield House(platform, world.clock)
    finally:
        ports.close()


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """A Monday morning with a tenant who is at home in Dublin."""
    world = World(folder, Sandbox(folder / "systems", sleep=lambda seconds: None), any_clock(MONDAY))
    world.tenants(DUBLIN).add(TENANT, DUBLIN)
    try:
        yield world
    finally:
        world.systems.close()
