"""Live connections: let in by a key, told of their conversation or the desk, and heard like REST."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.access.api_keys import VALID_DAYS, make_api_key, need_pepper, revoke_api_key, store_api_key
from shared.access.listeners import read_listener
from shared.conversations.inbox import read_messages
from tests.builders.platform import TENANT, House

EVERYTHING = ("conversations:read", "conversations:write", "handoffs:work")
LINE = "connection-1"


def any_key(house: House, *permissions: str, tenant: str = TENANT, per_hour: int = 1_000) -> str:
    provider = house.platform.provider
    pepper = need_pepper(provider.secrets, provider.ids)
    key, row = make_api_key(
        provider.ids, pepper, tenant, "any", permissions or EVERYTHING, provider.clock.now(), per_hour
    )
    store_api_key(provider.records, row)
    return key


class Line:
    """A connection as its client sees it; `said` is what was pushed to it."""

    def __init__(self, house: House, conversation: str = "", name: str = LINE) -> None:
        self.house, self.name, self.said = house, name, list[dict[str, Any]]()
        house.platform.provider.connections.attach(name, self._hear)
        house.platform.call("realtime.connect", {"connection": name, "conversation": conversation})

    def tell(self, message: Any) -> dict[str, Any]:
        body = message if isinstance(message, str) else json.dumps(message)
        heard: dict[str, Any] = self.house.platform.call("realtime.message", {"connection": self.name, "body": body})
        return heard

    def show(self, key: str) -> dict[str, Any]:
        return self.tell({"type": "auth", "key": key})

    def write(self, words: Any, **more: Any) -> Any:
        return self.tell({"type": "message", "message": words} | more)["say"]

    def leave(self) -> None:
        self.house.platform.call("realtime.disconnect", {"connection": self.name})

    def _hear(self, body: dict[str, Any]) -> bool:
        self.said.append(body)
        return True


@pytest.fixture
def conversation(house: House) -> str:
    return house.receive("How do I reset my password?")[0]


def test_whoever_shows_a_key_hears_of_their_conversation(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    assert line.show(any_key(house)) == {"say": {"type": "ready", "conversation_id": conversation}, "close": 0}
    house.platform.pump()
    assert {each["type"] for each in line.said} == {"status_update", "reply"}


def test_a_conversation_may_also_be_named_with_the_key(house: House, conversation: str) -> None:
    line = Line(house)
    heard = line.tell({"type": "auth", "key": any_key(house), "conversation_id": conversation})
    assert heard["say"]["conversation_id"] == conversation


def test_the_desk_hears_of_every_conversation(house: House) -> None:
    line = Line(house)
    assert line.show(any_key(house))["say"]["type"] == "ready"
    house.write("I want to speak to a real person now!")
    assert "status_update" in {each["type"] for each in line.said}
    assert line.write("from the desk nobody writes") == {}


def test_nobody_hears_anything_before_they_have_shown_a_key(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    house.platform.pump()
    assert line.said == []


def test_words_are_taken_in_as_the_customers(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house))
    accepted = line.write("And how do I change it?")
    assert accepted["type"] == "accepted"
    (message,) = read_messages(house.records, TENANT, conversation, [accepted["task_id"].split(".")[1]])
    assert (message.customer, message.channel, message.source) == ("cus_ada", "chat", "socket")


def test_a_message_that_is_sent_again_under_its_id_is_one(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house))
    first = line.write("And how do I change it?", id="m-1")
    assert line.write("And how do I change it?", id="m-1") == first
    assert line.write("Something else", id="m-1")["type"] == "refused"


@pytest.mark.parametrize(
    ("words", "more"), [("", {}), ("x" * 5_001, {}), (None, {}), ({"a": 1}, {}), ("hi", {"id": 7})]
)
def test_what_is_no_message_is_refused_and_the_connection_stays(
    house: House, conversation: str, words: Any, more: dict[str, Any]
) -> None:
    line = Line(house, conversation)
    line.show(any_key(house))
    assert line.write(words, **more)["type"] == "refused"
    assert line.write("How do I change it?")["type"] == "accepted"


@pytest.mark.parametrize("frame", ["no json", "[]", '"auth"', "", '{"a":1,"a":2}'])
def test_what_is_no_json_object_ends_the_connection(house: House, frame: str) -> None:
    assert Line(house).tell(frame) == {"say": {"type": "closed", "code": 1003}, "close": 1003}


def test_a_connection_without_a_right_ends_with_a_code_that_says_why(house: House, conversation: str) -> None:
    reader, stranger = any_key(house, "conversations:read"), any_key(house, tenant="other")
    cases = [(conversation, "sm_demo_wrong", 4401), (conversation, "", 4401), ("", reader, 4403), ("c0", reader, 4404)]
    cases += [("../x" * 100, reader, 4404), (conversation, stranger, 4404)]
    for number, (asked, key, code) in enumerate(cases):
        assert Line(house, asked, f"connection-{number}").show(key)["close"] == code


def test_a_reader_hears_and_may_not_write(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house, "conversations:read"))
    assert line.write("How do I change it?")["code"] == "not_permitted"


def test_a_key_that_is_revoked_is_silent_at_once(house: House, conversation: str) -> None:
    line, key = Line(house, conversation), any_key(house)
    line.show(key)
    listener = read_listener(house.records, LINE)
    assert listener is not None
    assert key not in str(listener)
    revoke_api_key(house.records, TENANT, listener.key)
    assert line.tell({"type": "message", "message": "hello"})["close"] == 4401


@pytest.mark.parametrize("asks_for_the_desk", [False, True])
def test_a_key_that_is_revoked_hears_nothing_more(house: House, conversation: str, asks_for_the_desk: bool) -> None:
    revoked, other = Line(house, "" if asks_for_the_desk else conversation), Line(house, conversation, "connection-2")
    revoked.show(any_key(house))
    other.show(any_key(house))
    listener = read_listener(house.records, LINE)
    assert listener is not None
    revoke_api_key(house.records, TENANT, listener.key)
    house.platform.pump()
    assert revoked.said == []
    assert {each["type"] for each in other.said} == {"status_update", "reply"}


def test_a_key_that_has_expired_hears_nothing_more(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house))
    house.clock.advance(VALID_DAYS * 86_400)
    house.platform.pump()
    assert line.said == []


def test_a_tenant_of_another_region_is_told_so(house: House, conversation: str) -> None:
    key, tenants = any_key(house), house.platform.provider.tenants
    tenants.add(TENANT, "elsewhere-1")
    assert Line(house, conversation).show(key)["close"] == 4421


def test_more_messages_than_the_key_may_send_end_the_connection(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house, per_hour=2))
    assert [line.tell({"type": "ping"})["close"] for _ in range(2)] == [0, 4429]


def test_a_connection_that_ended_is_forgotten(house: House, conversation: str) -> None:
    line = Line(house, conversation)
    line.show(any_key(house))
    line.leave()
    line.leave()
    house.platform.pump()
    assert line.said == []
    assert line.tell({"type": "message", "message": "hello"})["close"] == 4401
