"""API keys: whose they are, what they may do, and that nothing but the key itself opens anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.ids import LocalIds
from adapters.local.records import LocalRecords
from adapters.local.secrets import LocalSecrets
from adapters.local.store import open_store
from shared.access.api_keys import (
    DAY_MS,
    PEPPER,
    ApiPrincipal,
    list_api_keys,
    make_api_key,
    need_pepper,
    read_api_key,
    revoke_api_key,
    store_api_key,
)
from shared.errors import NotAuthenticated, NotFound, NotPermitted
from tests.builders.mails import NOON, FixedClock

MAY = ("conversations:write", "tickets:read")


class Door:
    """Keys in a fresh store."""

    def __init__(self, records: LocalRecords, secrets: LocalSecrets, clock: FixedClock) -> None:
        self.records, self.secrets, self.clock = records, secrets, clock

    def make(self, tenant: str = "acme") -> str:
        key, row = make_api_key(LocalIds(), need_pepper(self.secrets, LocalIds()), tenant, "shop", MAY, NOON)
        store_api_key(self.records, row)
        return key

    def open(self, key: str) -> ApiPrincipal:
        return read_api_key(self.records, self.secrets, self.clock, key)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    clock, store = FixedClock(), open_store(tmp_path / "data")
    yield Door(LocalRecords(store, clock), LocalSecrets(tmp_path / "secrets", LocalIds()), clock)
    store.close()


@pytest.mark.parametrize("tenant", ["acme", "acme_north", "acme-2"])
def test_a_key_stands_for_a_tenant_and_what_it_may_do(door: Door, tenant: str) -> None:
    principal = door.open(door.make(tenant))
    assert (principal.tenant, principal.name, principal.permissions, principal.per_hour) == (tenant, "shop", MAY, 1_000)


def test_nothing_that_is_stored_is_the_key(door: Door) -> None:
    key = door.make()
    (row,) = list_api_keys(door.records, "acme")
    assert key.rpartition("_")[2] not in repr(row)


@pytest.mark.parametrize("place", [3, 8, 20, -1])
def test_t26_a_key_with_one_character_changed_opens_nothing(door: Door, place: int) -> None:
    key = list(door.make())
    key[place] = "0" if key[place] != "0" else "1"
    with pytest.raises(NotAuthenticated):
        door.open("".join(key))


@pytest.mark.parametrize(
    "key", ["", "sm_", "sm_acme_", "Bearer x", "sm_acme_" + "ß" * 32, "x" * 100_000, "sm_a|b_" + "0" * 32]
)
def test_t26_whatever_is_no_key_is_refused_alike(door: Door, key: str) -> None:
    with pytest.raises(NotAuthenticated) as caught:
        door.open(key)
    assert caught.value.field == "authorization"


def test_t26_a_revoked_key_opens_nothing(door: Door) -> None:
    key = door.make()
    revoke_api_key(door.records, "acme", door.open(key).key)
    with pytest.raises(NotAuthenticated):
        door.open(key)
    with pytest.raises(NotFound):
        revoke_api_key(door.records, "other", "0" * 16)


def test_a_key_ends_after_ninety_days(door: Door) -> None:
    key = door.make()
    door.clock.at = NOON + 90 * DAY_MS - 1
    door.open(key)
    door.clock.at += 1
    with pytest.raises(NotAuthenticated):
        door.open(key)


def test_t26_a_good_key_without_the_right_is_told_so(door: Door) -> None:
    principal = door.open(door.make())
    principal.need("tickets:read")
    with pytest.raises(NotPermitted) as caught:
        principal.need("approvals:decide")
    assert caught.value.limit == "approvals:decide"


def test_a_key_of_one_tenant_is_not_found_among_anothers(door: Door) -> None:
    key = door.make("acme")
    door.make("other")
    with pytest.raises(NotAuthenticated):
        door.open(key.replace("sm_acme", "sm_other"))


def test_a_key_outlives_one_rotation_of_the_pepper(door: Door) -> None:
    key = door.make()
    door.secrets.put(PEPPER, b"the next pepper")
    assert door.open(key).tenant == "acme"
    assert door.open(door.make()).tenant == "acme"


def test_a_tenant_whose_name_cannot_stand_in_a_key_gets_none() -> None:
    with pytest.raises(ValueError):
        make_api_key(LocalIds(), b"pepper", "a|b", "shop", MAY, NOON)
