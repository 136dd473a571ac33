"""The directory of tenants as files, one a tenant; whoever is in none is at home on this machine (T1 to T7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from adapters.local.files import DESK, names_below, path_of, write_whole
from shared.errors import Unavailable
from shared.ports.clock import Clock
from shared.ports.ids import Ids
from shared.ports.tenants import Home, check_region, check_tenant

HERE = "local"


class LocalTenants:
    """The `tenants` port in one folder, which the providers of several "regions" may share."""

    def __init__(self, folder: Path, clock: Clock, ids: Ids, *, here: str = HERE) -> None:
        self._root, self._clock, self._ids, self._here = folder, clock, ids, here

    @property
    def here(self) -> str:
        """The region that this folder stands for (T7)."""
        return self._here

    def home(self, tenant: str) -> Home:
        """Where a tenant is at home; a single machine takes itself for the home of whoever is not entered (T2)."""
        check_tenant(tenant)
        return self._read(tenant) or Home(tenant, self._here)

    def at_home(self, region: str) -> Sequence[Home]:
        """The entered tenants of a region (T5)."""
        check_region(region)
        found = [self._read(tenant) for tenant in sorted(names_below(self._root, ""))]
        return [home for home in found if home is not None and home.region == region]

    def add(self, tenant: str, region: str) -> Home:
        """Enter a tenant, unless it is entered (T1)."""
        check_tenant(tenant)
        check_region(region)
        return self._read(tenant) or self._write(Home(tenant, region))

    def move(self, tenant: str, region: str) -> Home:
        """Name the next home (T3)."""
        check_region(region)
        home = self.home(tenant)
        return self._write(replace(home, region=region, epoch=home.epoch + 1, since=self._clock.now()))

    def _read(self, tenant: str) -> Home | None:
        try:
            return Home(**json.loads(path_of(self._root, tenant).read_bytes()))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the home of {tenant} cannot be read: {error.strerror}") from error

    def _write(self, home: Home) -> Home:
        content = json.dumps(asdict(home)).encode()
        try:
            (self._root / DESK).mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._root, path_of(self._root, home.tenant), content, self._ids.new("t"))
        except OSError as error:
            raise Unavailable(f"the home of {home.tenant} cannot be written: {error.strerror}") from error
        return home
