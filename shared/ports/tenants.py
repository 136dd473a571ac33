"""Where each tenant is at home: one region, which alone acts for it. The directory is read in every region.

T1 `add` gives a tenant its first home, with epoch 1; adding it again changes nothing.
T2 Who was never added is at home nowhere: NotFound. A provider that is a single region may take itself for the home.
T3 `move` names another home, or the same one anew, and raises the epoch by one; `since` says when.
T4 The directory is replicated and promises little: the last writer wins, and what is read may be seconds old. So no
   transaction and no condition is asked of it, and nothing that must be exact rests on it alone.
T5 `at_home` names every tenant whose home a region is, by tenant, ascending.
T6 A tenant is 1 to 64 characters of `[A-Za-z0-9_-]`, a region 1 to 32 of `[a-z0-9-]`; the port enforces it itself.
T7 `here` is the region that this process runs in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.errors import InvalidInput, NotFound

FIRST_EPOCH = 1
MAX_AGE_MS = 5_000  # for so long a process may answer from what it has read

_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REGION = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Home:
    """A tenant's home, its `epoch`-th from 1 on; `since` is when it moved there in epoch ms, 0 if it never did."""

    tenant: str
    region: str
    epoch: int = FIRST_EPOCH
    since: int = 0


class Tenants(Protocol):
    """The directory of tenants; promises T1 to T7 above."""

    @property
    def here(self) -> str:
        """This process's region (T7)."""
        ...

    def home(self, tenant: str) -> Home:
        """Where a tenant is at home, as far as is known here (T4); raises NotFound (T2)."""
        ...

    def at_home(self, region: str) -> Sequence[Home]:
        """The homes of every tenant of a region (T5)."""
        ...

    def add(self, tenant: str, region: str) -> Home:
        """Enter a new tenant in the directory (T1); an administrator's act."""
        ...

    def move(self, tenant: str, region: str) -> Home:
        """Say that `region` is the home from now on (T3); an administrator's act. Raises NotFound."""
        ...


def check_tenant(tenant: str) -> None:
    """Hold a tenant's name to T6; raises InvalidInput."""
    if not _TENANT.fullmatch(tenant):
        limit = "1 to 64 characters of A-Z a-z 0-9 _ -"
        raise InvalidInput(f"tenant {tenant!r}", field="tenant", limit=limit, action="check the name")


def check_region(region: str) -> None:
    """Hold a region's name to T6; raises InvalidInput."""
    if not _REGION.fullmatch(region):
        limit = "1 to 32 characters of a-z 0-9 -"
        raise InvalidInput(f"region {region!r}", field="region", limit=limit, action="check the name")


def nobody_added(tenant: str) -> NotFound:
    """What `home` and `move` raise of a tenant that is not in the directory (T2)."""
    return NotFound(
        f"tenant {tenant} is at home nowhere", field="tenant", limit="one of the directory", action="add it first"
    )
