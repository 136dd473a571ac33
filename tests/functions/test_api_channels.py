"""Raw mails and signed webhooks over REST."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.access.webhooks import secret_name, sign_headers
from tests.builders.api import TENANT, Api, open_api

SECRET = b"a secret that only both know"
MAIL = (
    "From: Farid <f.haddad@haddad-gyms.example>\r\nTo: support@tallybird.example\r\nSubject: Password\r\n"
    "Message-ID: <m1@haddad-gyms.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n"
    "How do I reset my password?\r\n"
)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with open_api(tmp_path) as opened:
        opened.platform.provider.secrets.put(secret_name(TENANT, "shop"), SECRET)
        yield opened


def test_a_raw_mail_becomes_a_conversation_once(api: Api) -> None:
    first = api.post("/channels/email", MAIL, content_type="message/rfc822")
    again = api.post("/channels/email", MAIL, content_type="message/rfc822")
    assert (first.status, again.status) == (202, 202), first.text
    assert again.body["conversation"] == first.body["conversation"]
    thread = api.get(f"/conversations/{first.body['conversation']}").body
    assert thread["channel"] == "email"
    assert [each["text"].strip() for each in thread["messages"]] == ["How do I reset my password?"]


def test_a_mail_needs_a_key_with_the_right(api: Api) -> None:
    assert api.post("/channels/email", MAIL, key="", content_type="message/rfc822").status == 401
    reader = api.new_key("reader", permissions=("conversations:read",))
    assert api.post("/channels/email", MAIL, key=reader, content_type="message/rfc822").status == 403
    assert api.post("/channels/email", "x" * (10 * 1024 * 1024 + 1)).status == 413


def test_a_signed_webhook_becomes_a_conversation_once(api: Api) -> None:
    """T27: and its repeat changes nothing."""
    body = json.dumps({"id": "w1", "text": "How do I reset my password?", "customer_id": "cus_farid"})
    now = api.platform.provider.clock.now() // 1000
    headers = sign_headers(SECRET, "msg_1", now, body.encode())
    first, again = (api.post("/channels/shop/webhook", body, key="", **headers) for _ in range(2))
    assert (first.status, first.body["new"]) == (200, True), first.text
    assert (again.status, again.body["new"]) == (200, False)


@pytest.mark.parametrize(
    ("changes", "body", "status"),
    [
        ({"webhook-signature": "v1,AAAA"}, None, 401),
        ({"webhook-signature": ""}, None, 401),
        ({"webhook-timestamp": "1000000000"}, None, 401),
        ({}, '{"text": "another body"}', 401),
        ({}, "x" * 70_000, 413),
    ],
)
def test_a_webhook_that_is_not_its_senders_is_refused(
    api: Api, changes: dict[str, str], body: str | None, status: int
) -> None:
    """T27: bad signature, none, an old time, other bytes, too many bytes."""
    signed = json.dumps({"text": "How do I reset my password?"})
    headers = sign_headers(SECRET, "msg_2", api.platform.provider.clock.now() // 1000, signed.encode())
    answer = api.post("/channels/shop/webhook", body or signed, key="", **headers | changes)
    assert answer.status == status, answer.text
    assert api.post("/channels/other/webhook", signed, key="", **headers).status == 401
