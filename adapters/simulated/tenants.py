"""The directory of tenants in memory (T1 to T7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.ports.clock import Clock
from shared.ports.tenants import Home, check_region, check_tenant, nobody_added

HERE = "simulated"


class SimulatedTenants:
    """The `tenants` port; `kept` may be shared by the providers of several regions."""

    def __init__(self, clock: Clock, kept: dict[str, Home] | None = None, *, here: str = HERE) -> None:
        self._clock, self._kept, self._here = clock, {} if kept is None else kept, here

    @property
    def here(self) -> str:
        return self._here

    def home(self, tenant: str) -> Home:
        check_tenant(tenant)
        if tenant not in self._kept:
            raise nobody_added(tenant)
        return self._kept[tenant]

    def at_home(self, region: str) -> Sequence[Home]:
        check_region(region)
        return [home for _, home in sorted(self._kept.items()) if home.region == region]

    def add(self, tenant: str, region: str) -> Home:
        check_tenant(tenant)
        check_region(region)
        return self._kept.setdefault(tenant, Home(tenant, region))

    def move(self, tenant: str, region: str) -> Home:
        check_region(region)
        home = self.home(tenant)
        self._kept[tenant] = replace(home, region=region, epoch=home.epoch + 1, since=self._clock.now())
        return self._kept[tenant]
