"""What every provider's `tenants` must do: T1 to T7."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

import pytest

from shared.errors import InvalidInput, NotFound
from shared.ports.clock import Clock
from shared.ports.tenants import MAX_AGE_MS, Home, Tenants


class HasTenants(Protocol):
    """The part of a provider that this contract uses."""

    @property
    def tenants(self) -> Tenants: ...
    @property
    def clock(self) -> Clock: ...


class TenantsContract:
    """T1 to T7; a subclass supplies `provider`, `elsewhere` and `wait`."""

    def elsewhere(self, provider: Any) -> Tenants:
        """The same directory as another region sees it."""
        raise NotImplementedError

    def wait(self, provider: Any, seconds: int) -> None:
        """Let time pass for both regions."""
        raise NotImplementedError

    def test_t1_a_tenant_is_added_once_and_keeps_its_first_home(self, provider: HasTenants) -> None:
        assert provider.tenants.add("acme", "eu-west-1") == Home("acme", "eu-west-1", 1)
        assert provider.tenants.add("acme", "us-east-1") == Home("acme", "eu-west-1", 1)
        assert provider.tenants.home("acme") == Home("acme", "eu-west-1", 1)

    def test_t2_nobody_is_at_home_elsewhere_without_having_been_added(self, provider: HasTenants) -> None:
        with suppress(NotFound):
            assert provider.tenants.home("nobody") == Home("nobody", provider.tenants.here, 1)

    def test_t3_each_move_raises_the_epoch_also_one_to_the_same_region(self, provider: HasTenants) -> None:
        provider.tenants.add("acme", "eu-west-1")
        before = provider.clock.now()
        moved = provider.tenants.move("acme", "us-east-1")
        assert (moved.region, moved.epoch, before <= moved.since <= provider.clock.now()) == ("us-east-1", 2, True)
        assert provider.tenants.home("acme") == moved
        assert provider.tenants.move("acme", "us-east-1").epoch == 3
        assert provider.tenants.move("acme", "eu-west-1").epoch == 4

    def test_t4_another_region_sees_a_move_after_a_while_and_the_last_one_counts(self, provider: HasTenants) -> None:
        other = self.elsewhere(provider)
        provider.tenants.add("acme", "eu-west-1")
        self.wait(provider, MAX_AGE_MS // 1000)
        assert other.home("acme").region == "eu-west-1"
        provider.tenants.move("acme", "us-east-1")
        last = other.move("acme", "us-west-2")
        self.wait(provider, MAX_AGE_MS // 1000)
        assert provider.tenants.home("acme") == other.home("acme") == last

    def test_t5_a_region_has_the_tenants_that_are_at_home_in_it(self, provider: HasTenants) -> None:
        for tenant in ("zeta", "acme", "moved", "other"):
            provider.tenants.add(tenant, "us-west-2" if tenant == "other" else "eu-west-1")
        provider.tenants.move("moved", "us-west-2")
        assert [home.tenant for home in provider.tenants.at_home("eu-west-1")] == ["acme", "zeta"]
        assert [home.tenant for home in provider.tenants.at_home("us-west-2")] == ["moved", "other"]
        assert list(provider.tenants.at_home("ap-south-1")) == []

    @pytest.mark.parametrize("tenant", ["", "a b", "a|b", "../a", "ä", "a" * 65])
    def test_t6_a_tenant_with_an_impossible_name_is_refused(self, provider: HasTenants, tenant: str) -> None:
        for ask in (provider.tenants.home, lambda each: provider.tenants.add(each, "eu-west-1")):
            with pytest.raises(InvalidInput):
                ask(tenant)

    @pytest.mark.parametrize("region", ["", "EU", "eu west", "eu|west", "e" * 33])
    def test_t6_a_region_with_an_impossible_name_is_refused(self, provider: HasTenants, region: str) -> None:
        provider.tenants.add("acme", "eu-west-1")
        with pytest.raises(InvalidInput):
            provider.tenants.add("new", region)
        with pytest.raises(InvalidInput):
            provider.tenants.move("acme", region)
        with pytest.raises(InvalidInput):
            provider.tenants.at_home(region)

    def test_t7_two_regions_know_where_they_are(self, provider: HasTenants) -> None:
        assert provider.tenants.here != self.elsewhere(provider).here
