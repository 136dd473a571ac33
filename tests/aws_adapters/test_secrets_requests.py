"""What `secrets` asks of Secrets Manager, and what it reads that others have written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from adapters.aws.provider import AwsProvider
from adapters.aws.secrets import secret_id
from shared.errors import Conflict, NotFound, Throttled
from tests.aws_adapters.any_secrets import secrets_manager
from tests.aws_adapters.faults import attempts_meet, calls_fail, no_connection
from tests.contract.aws_backend import requests_of

SECRET = "secretsmanager"
NAME = "tenant-key-t1"
names = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\#?"), min_size=1, max_size=200)


def asked(provider: AwsProvider, call: Any) -> list[tuple[str, dict[str, Any]]]:
    with requests_of(provider.clients, SECRET) as requests:
        call()
    return requests


@given(names, names)
def test_two_names_never_share_a_secret_and_aws_takes_each(name: str, other: str) -> None:
    taken = secret_id("supportmax/dev/", name)
    assert re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", taken)
    assert taken.startswith("supportmax/dev/")
    assert (taken == secret_id("supportmax/dev/", other)) == (name == other)


def test_a_name_stays_readable() -> None:
    assert secret_id("p/", "webhook|t1|zendesk") == "p/webhook+t1+zendesk"
    assert secret_id("p/", "a+b=c") == "p/a=2Bb=3Dc"


def test_each_call_asks_as_little_as_it_can(provider: AwsProvider) -> None:
    secret = {"SecretId": "supportmax/dev/tenant-key-t1"}
    assert asked(provider, lambda: secrets_manager(provider).create(NAME, b"one")) == [
        ("CreateSecret", {"Name": "supportmax/dev/tenant-key-t1", "SecretString": "base64:b25l"})
    ]
    assert asked(provider, lambda: secrets_manager(provider).put(NAME, b"two")) == [
        ("PutSecretValue", {**secret, "SecretString": "base64:dHdv"})
    ]
    assert asked(provider, lambda: secrets_manager(provider).get(NAME)) == [
        ("GetSecretValue", {**secret, "VersionStage": "AWSCURRENT"}),
        ("GetSecretValue", {**secret, "VersionStage": "AWSPREVIOUS"}),
    ]
    assert asked(provider, lambda: secrets_manager(provider).delete(NAME)) == [
        ("DeleteSecret", {**secret, "ForceDeleteWithoutRecovery": True})
    ]
    assert [operation for operation, _ in asked(provider, lambda: secrets_manager(provider).put(NAME, b"new"))] == [
        "PutSecretValue", "CreateSecret",
    ]  # fmt: skip


def test_what_an_operator_typed_into_the_console_is_read(provider: AwsProvider) -> None:
    manager = provider.clients.of(SECRET)
    manager.create_secret(Name="supportmax/dev/typed", SecretString="pässword")
    manager.create_secret(Name="supportmax/dev/binary", SecretBinary=b"\x00\xff")
    assert secrets_manager(provider).get("typed") == ["pässword".encode()]
    assert secrets_manager(provider).get("binary") == [b"\x00\xff"]


def test_the_sdk_repeats_a_creation_under_one_token(provider: AwsProvider) -> None:
    """AWS answers a repeated token as done; moto would refuse the second attempt, so only the request is looked at."""
    with attempts_meet(provider.clients.of(SECRET), no_connection) as attempts:
        secrets_manager(provider).create(NAME, b"one")
    assert len(attempts) == 2
    assert attempts[0] == attempts[1]
    assert b"ClientRequestToken" in attempts[0]


def test_a_secret_that_is_being_deleted_is_absent_and_its_name_is_free_later(provider: AwsProvider) -> None:
    going = ClientError({"Error": {"Code": "InvalidRequestException"}}, "any")
    with calls_fail(provider.clients.of(SECRET), going):
        with pytest.raises(NotFound, match=NAME):
            secrets_manager(provider).get(NAME)
        for store in (secrets_manager(provider).create, secrets_manager(provider).put):
            with pytest.raises(Throttled):
                store(NAME, b"x")
        secrets_manager(provider).delete(NAME)


def test_of_two_first_versions_both_are_kept_by_put_and_one_wins_by_create(provider: AwsProvider) -> None:
    secrets_manager(provider).create(NAME, b"first")
    with pytest.raises(Conflict):
        secrets_manager(provider).create(NAME, b"second")
    secrets_manager(provider).put(NAME, b"second")
    assert secrets_manager(provider).get(NAME) == [b"second", b"first"]
