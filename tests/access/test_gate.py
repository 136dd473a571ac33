"""Who signed in, with which rights, in which tenant; and that a person acts under their own name alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.ids import LocalIds
from adapters.local.records import LocalRecords
from adapters.local.secrets import LocalSecrets
from adapters.local.store import open_store
from shared.access.gate import Gate, read_bearer, read_claims
from shared.access.rate_limits import RATES, RateLimited
from shared.access.roles import ROLES, read_groups, read_sign_in
from shared.errors import NotAuthenticated, NotPermitted
from tests.builders.homes import ALWAYS_HOME
from tests.builders.mails import FixedClock


def any_claims(groups: Any = "[demo.operator]", **changes: Any) -> dict[str, Any]:
    return {"sub": "s-1", "username": "mira", "token_use": "access", "cognito:groups": groups} | changes


def test_a_groups_name_is_a_role_in_a_tenant() -> None:
    found = read_sign_in(any_claims("[demo.operator demo.approver newsletter]"))
    assert (found.tenant, found.operator) == ("demo", "mira")
    assert set(found.permissions) == {*ROLES["operator"], *ROLES["approver"]}


@pytest.mark.parametrize("claim", ["[a.b c.d]", "[a.b, c.d]", ["a.b", "c.d"], "a.b c.d"])
def test_a_list_is_read_however_a_gateway_writes_it(claim: Any) -> None:
    assert read_groups(claim) == ("a.b", "c.d")


@pytest.mark.parametrize(
    "groups", ["", "[]", "[operator]", "[demo.emperor]", "[demo.]", "[.operator]", None, "[a.b.c]"]
)
def test_without_a_role_nobody_may_anything(groups: Any) -> None:
    with pytest.raises(NotPermitted):
        read_sign_in(any_claims(groups))


def test_roles_in_two_tenants_are_refused_rather_than_guessed() -> None:
    with pytest.raises(NotPermitted):
        read_sign_in(any_claims("[demo.operator other.operator]"))


@pytest.mark.parametrize(
    "changes", [{"token_use": "id"}, {"username": "", "sub": ""}, {"username": "a|b"}, {"username": "a b"}]
)
def test_what_is_no_access_token_of_a_person_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        read_sign_in(any_claims(**changes))


def test_claims_stand_in_the_request_context_alone() -> None:
    event = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "s"}, "scopes": None}}}, "headers": {}}
    assert read_claims(event) == {"sub": "s"}
    contexts: tuple[dict[str, Any], ...] = ({}, {"authorizer": None}, {"authorizer": {}}, {"authorizer": {"jwt": None}})
    for context in contexts:
        assert read_claims({"requestContext": context, "authorizer": event["requestContext"]["authorizer"]}) == {}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_a_credential_is_a_bearer(header: str) -> None:
    with pytest.raises(NotAuthenticated):
        read_bearer({"headers": {"authorization": header}})


@given(st.dictionaries(st.sampled_from(("sub", "username", "token_use", "cognito:groups")), st.text(max_size=30)))
def test_whatever_is_claimed_is_read_or_refused(claims: dict[str, str]) -> None:
    try:
        found = read_sign_in(claims)
    except (NotAuthenticated, NotPermitted):
        return
    assert found.tenant
    assert found.operator
    assert found.permissions


def test_senders_without_a_key_share_one_limit_whatever_path_they_choose(tmp_path: Path) -> None:
    clock, store = FixedClock(), open_store(tmp_path)
    records = LocalRecords(store, clock)
    gate = Gate(records, LocalSecrets(tmp_path / "secrets", LocalIds()), ALWAYS_HOME, clock, "acme")
    paths = [f"/api/v1/channels/source{number}/webhook" for number in range(RATES["premium"].burst + 1)]
    for path in paths[:-1]:
        gate.admit(None, path)
    with pytest.raises(RateLimited):
        gate.admit(None, paths[-1])
    store.close()
