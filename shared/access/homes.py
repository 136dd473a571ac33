"""Who may act for a tenant: only the region where it is at home. Asked by every entry, the relay and the minute."""

from __future__ import annotations

from shared.errors import Refused
from shared.ports.tenants import Home, Tenants


class NotAtHome(Refused):
    """Another region acts for this tenant; `region` names it, and whoever asked may ask there."""

    code = "not_at_home"

    def __init__(self, home: Home, here: str) -> None:
        super().__init__(
            f"tenant {home.tenant} is at home in {home.region}, not in {here}",
            field="tenant",
            limit=f"tenants of {here}",
            action=f"send it to {home.region}",
        )
        self.region = home.region


def need_home(tenants: Tenants, tenant: str) -> Home:
    """The tenant's home, which is here; raises NotAtHome, or NotFound for a tenant that nobody added."""
    home = tenants.home(tenant)
    if home.region != tenants.here:
        raise NotAtHome(home, tenants.here)
    return home


def is_home(tenants: Tenants, tenant: str) -> bool:
    """Whether this region acts for the tenant; raises NotFound for one that nobody added."""
    return tenants.home(tenant).region == tenants.here
