"""What `documents` asks of S3, and how names become keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.aws.documents import name_of, object_key, object_prefix
from adapters.aws.provider import AwsProvider
from shared.errors import Conflict, NotFound, Throttled, Unavailable, Uncertain
from tests.aws_adapters.faults import attempts_meet, no_answer
from tests.contract.aws_backend import requests_of

names = st.lists(
    st.text(st.sampled_from("ab.%~|"), min_size=1, max_size=4).filter(lambda part: "||" not in part), min_size=1, max_size=4
).map("/".join)  # fmt: skip


@given(names)
def test_a_key_leads_back_to_its_name_and_no_part_of_it_is_only_dots(name: str) -> None:
    key = object_key(name)
    assert name_of(key) == name
    assert not any(re.fullmatch(r"\.+", part) for part in key.split("/"))


@given(names, names)
def test_names_begin_alike_where_their_keys_do(name: str, other: str) -> None:
    for length in range(len(name) + 1):
        prefix = name[:length]
        assert object_key(name).startswith(object_prefix(prefix))
        if not other.startswith(prefix):
            assert not object_key(other).startswith(object_prefix(prefix))


def test_a_key_is_the_name_where_nothing_is_odd() -> None:
    assert object_key("T|t1/mail/raw.v1..eml") == "T|t1/mail/raw.v1..eml"
    assert [object_key(name) for name in ("a/../b", ".", "50%")] == ["a/..%/b", ".%", "50%%"]
    assert len(object_key("%" * 500)) <= 1024


def test_each_call_is_one_request_and_says_nothing_of_keys_of_encryption(provider: AwsProvider) -> None:
    with requests_of(provider.clients, "s3") as requests:
        provider.documents.put("a/b", b"1")
        provider.documents.get("a/b")
        provider.documents.list_names("a/")
        provider.documents.delete("a/b")
    bucket = provider.settings.documents_bucket
    assert requests == [
        ("PutObject", {"Bucket": bucket, "Key": "a/b", "Body": b"1"}),
        ("GetObject", {"Bucket": bucket, "Key": "a/b"}),
        ("ListObjectsV2", {"Bucket": bucket, "Prefix": "a/"}),
        ("DeleteObject", {"Bucket": bucket, "Key": "a/b"}),
    ]


def test_d4_a_document_is_created_where_s3_itself_finds_none(provider: AwsProvider) -> None:
    with requests_of(provider.clients, "s3") as requests:
        provider.documents.create("a/b", b"1")
    ((operation, parameters),) = requests
    assert (operation, parameters["IfNoneMatch"]) == ("PutObject", "*")
    with requests_of(provider.clients, "s3") as requests, pytest.raises(Conflict, match="a/b"):
        provider.documents.create("a/b", b"2")
    assert len(requests) == 1


def test_d4_what_the_sdks_own_first_attempt_created_is_no_conflict(provider: AwsProvider) -> None:
    with attempts_meet(provider.clients.of("s3"), no_answer, done=True):
        provider.documents.create("a/b", b"1")
    assert provider.documents.get("a/b") == b"1"


def test_d4_what_another_created_is_a_conflict_also_after_an_attempt_in_doubt(provider: AwsProvider) -> None:
    provider.documents.create("a/b", b"theirs")
    with attempts_meet(provider.clients.of("s3"), no_answer), pytest.raises(Conflict):
        provider.documents.create("a/b", b"mine")
    assert provider.documents.get("a/b") == b"theirs"


@pytest.mark.parametrize(
    ("fault", "ours"),
    [
        (no_answer, Uncertain),
        ((503, "SlowDown"), Throttled),
        ((409, "ConditionalRequestConflict"), Throttled),
        ((500, "InternalError"), Uncertain),
    ],
)
def test_a_write_that_failed_says_how(provider: AwsProvider, fault: Any, ours: type[Exception]) -> None:
    with attempts_meet(provider.clients.of("s3"), *[fault] * 3), pytest.raises(ours):
        provider.documents.create("a/b", b"1")


def test_a_body_that_breaks_off_is_unavailable(provider: AwsProvider) -> None:
    provider.documents.put("a/b", b"x" * 1000)

    def break_off(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Body"]._content_length = "2000"

    client = provider.clients.of("s3")
    client.meta.events.register("after-call.s3.GetObject", break_off)
    try:
        with pytest.raises(Unavailable):
            provider.documents.get("a/b")
    finally:
        client.meta.events.unregister("after-call.s3.GetObject", break_off)


def test_a_list_goes_on_behind_its_first_thousand_names(provider: AwsProvider) -> None:
    client = provider.clients.of("s3")

    def in_small_pages(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = 2

    client.meta.events.register("provide-client-params.s3.ListObjectsV2", in_small_pages)
    try:
        for letter in "cab":
            provider.documents.put(f"f/{letter}", b"")
        with requests_of(provider.clients, "s3") as requests:
            assert provider.documents.list_names("f/") == ["f/a", "f/b", "f/c"]
        assert len(requests) == 2
    finally:
        client.meta.events.unregister("provide-client-params.s3.ListObjectsV2", in_small_pages)


def test_an_absent_document_is_named(provider: AwsProvider) -> None:
    with pytest.raises(NotFound, match="no document a/b"):
        provider.documents.get("a/b")
