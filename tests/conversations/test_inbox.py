"""A message is stored once, with its event, and read back in the order in which it came."""

from __future__ import annotations

import pytest

from shared.conversations.inbox import (
    MessageText,
    open_text,
    read_messages,
    seal_text,
    store_message,
)
from shared.domain.events import MESSAGE_RECEIVED
from shared.errors import NotFound
from shared.ports.records import Records
from shared.privacy.vault import Vault
from tests.builders.conversations import CONVERSATION, NOON, TENANT, any_message
from tests.builders.events import told


def test_a_repeated_message_is_stored_and_told_once(records: Records) -> None:
    assert store_message(records, TENANT, any_message())
    assert not store_message(records, TENANT, any_message(sealed="something else"))
    (message,) = read_messages(records, TENANT, CONVERSATION, ["m1"])
    assert message == any_message()
    assert [event.name for event in told(records)] == [MESSAGE_RECEIVED]


def test_an_ignored_message_is_kept_and_starts_nothing(records: Records) -> None:
    assert store_message(records, TENANT, any_message(), ignored="auto-reply")
    assert read_messages(records, TENANT, CONVERSATION, ["m1"]) == (any_message(),)
    assert told(records) == []


def test_the_event_points_to_the_message_and_carries_none_of_its_text(records: Records) -> None:
    store_message(records, TENANT, any_message(sealed="sealed words"))
    (event,) = told(records)
    assert event.body == {"tenant": TENANT, "conversation": CONVERSATION, "message": "m1", "at": NOON}


def test_messages_are_read_in_the_order_in_which_they_came(records: Records) -> None:
    for message in (any_message("m1", at=NOON + 5), any_message("m2"), any_message("m3", at=NOON + 5)):
        store_message(records, TENANT, message)
    found = read_messages(records, TENANT, CONVERSATION, ["m3", "m1", "m2"])
    assert [message.id for message in found] == ["m2", "m1", "m3"]


def test_every_field_of_a_message_survives(records: Records) -> None:
    message = any_message(
        kind="decision", mail={"in_reply_to": "<1>"}, attachments=("a.png", "b.pdf"), decision={"verdict": "approved"},
        document="raw/1",
    )  # fmt: skip
    store_message(records, TENANT, message)
    assert read_messages(records, TENANT, CONVERSATION, ["m1"]) == (message,)


def test_a_missing_message_is_an_error_that_names_it(records: Records) -> None:
    store_message(records, TENANT, any_message())
    with pytest.raises(NotFound, match="missing"):
        read_messages(records, TENANT, CONVERSATION, ["m1", "m2"])


def test_a_message_of_another_tenant_is_not_found(records: Records) -> None:
    store_message(records, TENANT, any_message())
    with pytest.raises(NotFound):
        read_messages(records, "other", CONVERSATION, ["m1"])


def test_words_are_sealed_for_their_customer_and_opened_again(vault: Vault) -> None:
    words = MessageText("Wo ist mein Paket?", "Paket", "ann@example.com")
    sealed = seal_text(vault, TENANT, "u1", words)
    assert open_text(vault, TENANT, any_message(sealed=sealed)) == words
    assert open_text(vault, TENANT, any_message(sealed="")) == MessageText("")
