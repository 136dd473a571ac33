"""What is sealed for one customer opens for that customer alone, and for nobody once the key is gone."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.local.clock import ShiftedClock, SystemClock
from shared.errors import NotFound
from shared.ports.records import Records
from shared.ports.secrets import Secrets
from shared.privacy.vault import KEY_ROW, Vault, random_key

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('aé語\x00\ud800"\\', max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("kß", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values)
def test_what_was_sealed_is_opened_as_it_was(vault: Vault, value: Any) -> None:
    sealed = vault.seal("acme", "u1", value)
    assert sealed.isascii()
    assert vault.open("acme", "u1", sealed) == value


def test_the_same_value_seals_to_the_same_text_so_that_a_repeated_step_writes_the_same_row(vault: Vault) -> None:
    assert vault.seal("acme", "u1", {"text": "hi"}) == vault.seal("acme", "u1", {"text": "hi"})
    assert vault.seal("acme", "u1", "hi") != vault.seal("acme", "u2", "hi")


def test_what_is_sealed_shows_nothing_of_the_text(vault: Vault, records: Records) -> None:
    sealed = vault.seal("acme", "u1", {"text": "my card is lost"})
    assert b"card" not in base64.b64decode(sealed)
    (row,) = records.query("T|acme|U|u1")
    assert (row.row, set(row.body)) == (KEY_ROW, {"wrapped"})


@pytest.mark.parametrize(("tenant", "subject"), [("acme", "u2"), ("other", "u1"), ("other", "u2")])
def test_another_customer_or_tenant_cannot_open_it(vault: Vault, tenant: str, subject: str) -> None:
    sealed = vault.seal("acme", "u1", "secret")
    vault.seal(tenant, subject, "their own")
    with pytest.raises(NotFound):
        vault.open(tenant, subject, sealed)


def test_a_changed_text_is_not_opened(vault: Vault) -> None:
    raw = bytearray(base64.b64decode(vault.seal("acme", "u1", "secret")))
    raw[-1] ^= 1
    with pytest.raises(NotFound):
        vault.open("acme", "u1", base64.b64encode(bytes(raw)).decode())


def test_another_worker_opens_what_one_worker_sealed(vault: Vault, records: Records, secrets: Secrets) -> None:
    sealed = vault.seal("acme", "u1", "secret")
    assert Vault(records, secrets, SystemClock()).open("acme", "u1", sealed) == "secret"


def test_two_workers_who_begin_at_once_agree_on_one_key(records: Records, secrets: Secrets) -> None:
    first, second = Vault(records, secrets, SystemClock()), Vault(records, secrets, SystemClock())
    assert second.open("acme", "u1", first.seal("acme", "u1", 1)) == 1
    assert first.open("acme", "u1", second.seal("acme", "u1", 2)) == 2


def test_a_forgotten_customer_can_no_longer_be_read_here_or_by_a_worker_who_starts_later(
    vault: Vault, records: Records, secrets: Secrets
) -> None:
    theirs, anothers = vault.seal("acme", "u1", "secret"), vault.seal("acme", "u2", "kept")
    vault.forget("acme", "u1")
    for worker in (vault, Vault(records, secrets, SystemClock())):
        with pytest.raises(NotFound):
            worker.open("acme", "u1", theirs)
        assert worker.open("acme", "u2", anothers) == "kept"


def test_forgetting_twice_or_a_stranger_is_no_error(vault: Vault) -> None:
    vault.forget("acme", "u1")
    vault.forget("acme", "u1")


def test_a_forgotten_customer_who_writes_again_starts_with_a_new_key(vault: Vault) -> None:
    before = vault.seal("acme", "u1", "secret")
    vault.forget("acme", "u1")
    after = vault.seal("acme", "u1", "secret")
    assert after != before
    assert vault.open("acme", "u1", after) == "secret"


def test_more_customers_than_fit_in_memory_are_all_still_readable(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.privacy.vault.KEYS_IN_MEMORY", 2)
    sealed = {f"u{n}": vault.seal("acme", f"u{n}", n) for n in range(5)}
    assert [vault.open("acme", subject, text) for subject, text in sealed.items()] == list(range(5))


def test_a_text_that_is_no_sealed_text_is_refused_by_type(vault: Vault) -> None:
    vault.seal("acme", "u1", "x")
    for broken in ("", "no base64!", "AAAA"):
        with pytest.raises(NotFound):
            vault.open("acme", "u1", broken)


def test_a_worker_who_read_before_forgets_within_a_minute_what_another_worker_forgot(
    vault: Vault, records: Records, secrets: Secrets
) -> None:
    clock = ShiftedClock(SystemClock())
    sealed, other = vault.seal("acme", "u1", "secret"), Vault(records, secrets, clock)
    assert other.open("acme", "u1", sealed) == "secret"
    vault.forget("acme", "u1")
    clock.advance(61)
    with pytest.raises(NotFound):
        other.open("acme", "u1", sealed)


def test_trying_to_open_a_forgotten_text_writes_nothing(vault: Vault, records: Records) -> None:
    sealed = vault.seal("acme", "u1", "secret")
    vault.forget("acme", "u1")
    with pytest.raises(NotFound):
        vault.open("acme", "u1", sealed)
    assert records.get("T|acme|U|u1", KEY_ROW) is None


def test_a_tenant_key_rotated_twice_still_opens_what_was_read_between(
    vault: Vault, records: Records, secrets: Secrets
) -> None:
    sealed = vault.seal("acme", "u1", "secret")
    for _ in range(2):
        secrets.put("tenant-key-acme", random_key())
        assert Vault(records, secrets, SystemClock()).open("acme", "u1", sealed) == "secret"
    assert Vault(records, secrets, SystemClock()).open("acme", "u1", sealed) == "secret"


def test_a_text_cut_short_is_refused_by_type(vault: Vault) -> None:
    with pytest.raises(NotFound):
        vault.open("acme", "u1", vault.seal("acme", "u1", "secret")[:-1])
