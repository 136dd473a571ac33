"""Webhooks in: signed, fresh, each delivery once, their JSON read strictly."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.local.outcomes import read_outcome
from shared.access.webhooks import MAX_BYTES, BodyTooLarge, secret_name, sign_headers
from shared.errors import InvalidInput, NotAuthenticated, NotFound, Refused
from tests.builders.mails import NOON, TENANT, Mailroom, open_mailroom

SECRET, NEXT_SECRET, FOREIGN = b"first-secret", b"next-secret", b"somebody-else"
SOURCE = "shop"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path / "data") as opened:
        opened.provider.secrets.put(secret_name(TENANT, SOURCE), SECRET)
        yield opened


def any_body(**changes: Any) -> bytes:
    return json.dumps({"text": "How do I reset my password?", **changes}).encode()


def deliver(
    room: Mailroom, body: bytes, *, id: str = "msg_1", at: int = NOON // 1000, secret: bytes = SECRET, **headers: str
) -> dict[str, Any]:
    """Hand over a signed body; `headers` replace those that it was signed with."""
    signed = sign_headers(secret, id, at, body) | {name.replace("_", "-"): value for name, value in headers.items()}
    task = {"tenant": TENANT, "source": SOURCE, "body": base64.b64encode(body).decode(), "encoded": True}
    received: dict[str, Any] = room.platform.call("intake.webhook", task | {"headers": signed})
    return received


def test_the_same_webhook_delivered_three_times_is_one_message_and_one_ticket(room: Mailroom) -> None:
    """F48, T27: later deliveries are signed anew, under the same id."""
    received = [deliver(room, any_body(customer_id="cus_ada"), at=NOON // 1000 + late) for late in (0, 5, 60)]
    room.platform.settle()
    assert [each["new"] for each in received] == [True, False, False]
    outcomes = [read_outcome(room.platform, TENANT, each["conversation"], each["message"]) for each in received]
    assert outcomes[0]["ticket_id"]
    assert len({each["ticket_id"] for each in outcomes}) == 1


def test_the_vendors_own_id_tells_a_repeat_under_a_new_webhook_id(room: Mailroom) -> None:
    received = [deliver(room, any_body(id=4711), id=each) for each in ("msg_1", "msg_2")]
    assert [each["new"] for each in received] == [True, False]


def test_what_the_body_says_is_kept_and_the_source_with_it(room: Mailroom) -> None:
    received = deliver(room, any_body(customer_id="cus_ada", subject="Door", channel="mobile", unknown=[1]))
    row = room.row(received)
    assert (row["customer"], row["channel"], row["source"]) == ("cus_ada", "mobile", SOURCE)
    assert room.words(received)["subject"] == "Door"


def test_a_body_in_plain_text_is_signed_like_its_bytes(room: Mailroom) -> None:
    body = any_body(text="Grüße: wie setze ich mein Passwort zurück?")
    task = {"tenant": TENANT, "source": SOURCE, "body": body.decode()}
    headers = sign_headers(SECRET, "msg_1", NOON // 1000, body)
    assert room.platform.call("intake.webhook", task | {"headers": headers})["new"]


def test_while_a_secret_is_rotated_both_are_good_and_then_only_the_new_one(room: Mailroom) -> None:
    name = secret_name(TENANT, SOURCE)
    room.provider.secrets.put(name, NEXT_SECRET)
    assert deliver(room, any_body(), id="old", secret=SECRET)["new"]
    assert deliver(room, any_body(), id="new", secret=NEXT_SECRET)["new"]
    room.provider.secrets.put(name, b"third-secret")
    with pytest.raises(NotAuthenticated):
        deliver(room, any_body(), id="late", secret=SECRET)


def test_one_good_signature_among_several_is_enough(room: Mailroom) -> None:
    body = any_body()
    good = sign_headers(SECRET, "msg_1", NOON // 1000, body)["webhook-signature"]
    assert deliver(room, body, webhook_signature=f"v1,AAAA v2,xx v1,ä {good}")["new"]


FORGED: list[tuple[dict[str, Any], str]] = [
    ({"secret": FOREIGN}, "webhook-signature"),
    ({"webhook_signature": ""}, "webhook-signature"),
    ({"webhook_signature": "v1a,AAAA"}, "webhook-signature"),
    ({"webhook_signature": "v1," + "A" * 44}, "webhook-signature"),
    ({"webhook_id": ""}, "webhook-id"),
    ({"webhook_id": "msg.1"}, "webhook-id"),
    ({"webhook_id": "msg_2"}, "webhook-signature"),
    ({"webhook_timestamp": ""}, "webhook-timestamp"),
    ({"webhook_timestamp": "١٢٣"}, "webhook-timestamp"),
    ({"webhook_timestamp": "1e9"}, "webhook-timestamp"),
    ({"at": NOON // 1000 - 301}, "webhook-timestamp"),
    ({"at": NOON // 1000 + 301}, "webhook-timestamp"),
]


@pytest.mark.parametrize(("changes", "field"), FORGED)
def test_t27_what_is_not_signed_now_by_the_source_is_refused(
    room: Mailroom, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotAuthenticated) as caught:
        deliver(room, any_body(), **changes)
    assert caught.value.field == field
    assert room.told("MessageReceived") == []


def test_t27_a_body_written_anew_is_no_longer_what_was_signed(room: Mailroom) -> None:
    signature = sign_headers(SECRET, "msg_1", NOON // 1000, any_body())["webhook-signature"]
    with pytest.raises(NotAuthenticated):
        deliver(room, any_body() + b" ", webhook_signature=signature)


@pytest.mark.parametrize(("tenant", "source"), [(TENANT, "unknown"), ("other", SOURCE), ("a", "b-c"), ("", SOURCE)])
def test_a_source_without_a_secret_is_answered_like_a_bad_signature(room: Mailroom, tenant: str, source: str) -> None:
    task = {"tenant": tenant, "source": source, "body": any_body().decode()}
    headers = sign_headers(SECRET, "msg_1", NOON // 1000, any_body())
    with pytest.raises(NotAuthenticated):
        room.platform.call("intake.webhook", task | {"headers": headers})


def test_t27_a_huge_body_is_refused_before_it_is_hashed(room: Mailroom) -> None:
    with pytest.raises(BodyTooLarge) as caught:
        deliver(room, b" " * (MAX_BYTES + 1), secret=FOREIGN)
    assert caught.value.body()["limit"] == "65536 bytes"


BAD_BODIES = [
    (b"{", "body"),
    (b"[]", "body"),
    (b'{"text": "a", "text": "b"}', "body"),
    (b'{"text": "a", "x": NaN}', "body"),
    (b'{"text": "a", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "body"),
    (b'{"text": "\xff"}', "body"),
    (any_body(id=1.5), "id"),
    (any_body(id=True), "id"),
    (any_body(id="a\u0000b"), "id"),
    (any_body(id="x" * 201), "id"),
    (any_body(text=["a"]), "text"),
    (any_body(text=""), "text"),
    (any_body(text="x" * 5_001), "text"),
    (any_body(customer_id="a b"), "customer_id"),
    (any_body(channel="pigeon"), "channel"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES, ids=lambda value: repr(value)[:30])
def test_t36_a_body_that_says_no_message_is_refused_by_field(room: Mailroom, body: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        deliver(room, body)
    assert caught.value.field == field
    assert caught.value.limit
    assert room.told("MessageReceived") == []


def test_a_message_goes_on_in_its_own_conversation(room: Mailroom) -> None:
    first = deliver(room, any_body(customer_id="cus_ada"))
    again = any_body(customer_id="cus_ada", conversation_id=first["conversation"])
    assert deliver(room, again, id="msg_2")["conversation"] == first["conversation"]


@pytest.mark.parametrize("customer", ["cus_ben", ""])
def test_nobody_writes_into_a_conversation_that_is_unknown_or_another_persons(room: Mailroom, customer: str) -> None:
    first = deliver(room, any_body(customer_id="cus_ada"))
    for conversation in (first["conversation"], "c-unknown"):
        with pytest.raises(NotFound) as caught:
            deliver(room, any_body(customer_id=customer, conversation_id=conversation), id="msg_2")
        assert caught.value.field == "conversation_id"


def test_a_body_that_is_no_base64_is_refused(room: Mailroom) -> None:
    with pytest.raises(Refused):
        room.platform.call("intake.webhook", {"tenant": TENANT, "source": SOURCE, "body": "%", "encoded": True})
