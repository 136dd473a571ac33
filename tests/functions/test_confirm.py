"""What a channel tells of a sent mail: an unclear delivery is settled, a bad one told, nothing is sent twice (I15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from shared.conversations.keys import conversation_partition
from shared.dispatch import Application
from shared.errors import InvalidInput, Unavailable, Uncertain
from shared.ports.channels import Outgoing
from shared.ports.records import Body
from tests.builders.mails import TENANT, Mailroom, any_mail, open_mailroom

DAY_MS = 86_400_000
ADDRESS = "someone@post.example"


@pytest.fixture
def mailroom(tmp_path: Path) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path / "data") as room:
        yield room


class Ways:
    """The local way out, of which the next sends end otherwise; what left, left."""

    def __init__(self, mailroom: Mailroom, *ends: tuple[str, type[Exception]]) -> None:
        self._mailroom, self._out, self._ends = mailroom, mailroom.provider.channels, list(ends)

    def deduplicates(self, channel: str) -> bool:
        return self._out.deduplicates(channel)

    def send(self, message: Outgoing) -> None:
        when, error = self._ends.pop(0) if self._ends else ("never", Exception)
        if when == "before":
            raise error
        self._out.send(message)
        if when == "told":
            tell(self._mailroom, message.key, "delivered")
        if when != "never":
            raise error


def open_way(mailroom: Mailroom, *ends: tuple[str, type[Exception]]) -> None:
    """Let the next sends end so: an error raised `before` or `after` the mail has left, or once that was `told`."""
    ways: dict[str, Any] = {"channels": Ways(mailroom, *ends)}
    mailroom.platform.provider = replace(mailroom.platform.provider, **ways)
    mailroom.platform.app = Application(mailroom.platform.provider, mailroom.platform.app.company)


def answer(mailroom: Mailroom, number: int = 1) -> str:
    """A mail comes in and is answered; the key of the answer's delivery."""
    mailroom.clock.at += 60_000
    conversation = mailroom.receive(any_mail(message_id=f"<m{number}@post.example>", sender=ADDRESS))["conversation"]
    mailroom.platform.pump()
    return key_of(mailroom, conversation)


def key_of(mailroom: Mailroom, conversation: str) -> str:
    (row,) = deliveries(mailroom, conversation)
    return f"{conversation}-{row.removeprefix('SENT|')}"


def deliveries(mailroom: Mailroom, conversation: str) -> dict[str, Body]:
    found = mailroom.provider.records.query(conversation_partition(TENANT, conversation), prefix="SENT|")
    return {row.row: row.body for row in found}


def state(mailroom: Mailroom, key: str) -> str:
    (body,) = deliveries(mailroom, key.partition("-")[0]).values()
    return str(body["state"])


def tell(mailroom: Mailroom, key: str, kind: str, **more: Any) -> str:
    """A receipt, and everything that follows."""
    told = mailroom.platform.call("reply.confirm", {"tenant": TENANT, "key": key, "kind": kind} | more)
    mailroom.platform.pump()
    return str(told["state"])


def alerts(mailroom: Mailroom) -> list[str]:
    return [row.body["type"] for row in mailroom.provider.records.query(f"T|{TENANT}|V|alerts")]


class TestAnUnclearDelivery:
    @pytest.mark.parametrize("kind", ["accepted", "delayed", "delivered"])
    def test_is_sent_once_the_channel_says_so(self, mailroom: Mailroom, kind: str) -> None:
        open_way(mailroom, ("after", Uncertain))
        key = answer(mailroom)
        assert (state(mailroom, key), alerts(mailroom)) == ("unclear", ["delivery_unclear"])
        assert tell(mailroom, key, kind) == "sent"
        assert (state(mailroom, key), alerts(mailroom)) == ("sent", ["delivery_confirmed", "delivery_unclear"])

    def test_is_not_even_unclear_where_the_receipt_was_faster_than_the_answer(self, mailroom: Mailroom) -> None:
        """The mail left, the receipt came, and only then the connection timed out."""
        open_way(mailroom, ("told", Uncertain))
        key = answer(mailroom)
        assert (state(mailroom, key), alerts(mailroom)) == ("sent", [])

    def test_stays_with_the_operator_while_nothing_tells(self, mailroom: Mailroom) -> None:
        open_way(mailroom, ("before", Uncertain))
        key = answer(mailroom)
        assert (state(mailroom, key), mailroom.sent()) == ("unclear", [])


def test_what_certainly_did_not_leave_is_tried_again_and_leaves_once(mailroom: Mailroom) -> None:
    open_way(mailroom, ("before", Unavailable))
    conversation = mailroom.receive(any_mail(sender=ADDRESS))["conversation"]
    mailroom.platform.pump()
    assert (deliveries(mailroom, conversation), mailroom.sent()) == ({}, [])
    mailroom.clock.at += 600_000
    mailroom.platform.pump()
    assert (state(mailroom, key_of(mailroom, conversation)), len(mailroom.sent())) == ("sent", 1)
    assert alerts(mailroom) == []


class TestReceipts:
    @pytest.mark.parametrize("order", [*permutations(["accepted", "bounced", "complained"])])
    def test_may_come_in_any_order_and_twice(self, mailroom: Mailroom, order: tuple[str, ...]) -> None:
        key = answer(mailroom)
        for kind in (*order, *order):
            tell(mailroom, key, kind)
        assert state(mailroom, key) == "complained"
        assert alerts(mailroom).count("delivery_complained") == 1
        assert alerts(mailroom).count("delivery_bounced") <= 1

    @pytest.mark.parametrize("kind", ["accepted", "delivered", "delayed"])
    def test_of_what_was_known_as_sent_tell_nothing_new(self, mailroom: Mailroom, kind: str) -> None:
        key = answer(mailroom)
        assert (tell(mailroom, key, kind), alerts(mailroom)) == ("already", [])

    @pytest.mark.parametrize("kind", ["bounced", "complained", "rejected"])
    def test_of_a_bad_end_are_told_to_operators_once(self, mailroom: Mailroom, kind: str) -> None:
        key = answer(mailroom)
        assert [tell(mailroom, key, kind) for _ in range(2)] == [kind, "already"]
        assert alerts(mailroom) == [f"delivery_{kind}"]

    @pytest.mark.parametrize(
        "key", ["", "no key of ours", "c0-TURN|000001|000001", "c0-", "-TURN|1", "c0-TURN|" + "9" * 200, "c|0-TURN|1"]
    )
    def test_of_what_we_never_sent_are_noted_and_left_alone(self, mailroom: Mailroom, key: str) -> None:
        assert tell(mailroom, key, "bounced", detail="Permanent/General") == "unknown"
        facts = (mailroom.provider.store.folder / "telemetry.jsonl").read_text()
        assert "receipt_unknown" in facts
        assert alerts(mailroom) == []

    def test_of_another_tenant_change_nothing(self, mailroom: Mailroom) -> None:
        key = answer(mailroom)
        assert mailroom.platform.call("reply.confirm", {"tenant": "other", "key": key, "kind": "bounced"}) == {
            "state": "unknown"
        }
        assert state(mailroom, key) == "sent"

    def test_of_a_kind_that_nobody_knows_are_refused(self, mailroom: Mailroom) -> None:
        with pytest.raises(InvalidInput) as refused:
            tell(mailroom, answer(mailroom), "opened")
        assert refused.value.field == "kind"


class TestAnAddressThatMailCameBackFrom:
    @pytest.mark.parametrize("kind", ["bounced", "complained"])
    def test_is_written_to_by_no_machine(self, mailroom: Mailroom, kind: str) -> None:
        tell(mailroom, answer(mailroom), kind)
        key = answer(mailroom, 2)
        assert (state(mailroom, key), len(mailroom.sent())) == ("withheld", 1)
        assert alerts(mailroom) == [f"delivery_{kind}", "delivery_withheld"]

    def test_is_written_to_by_an_operator_who_wants_it_so(self, mailroom: Mailroom) -> None:
        tell(mailroom, answer(mailroom), "bounced")
        second = answer(mailroom, 2).partition("-")[0]
        task = {"tenant": TENANT, "conversation": second, "operator": "mira"}
        mailroom.platform.call("escalation.take", task)
        mailroom.platform.call("escalation.answer", task | {"own_id": "a1", "text": "I have called you instead."})
        mailroom.platform.pump()
        assert [mail["text"] for mail in mailroom.sent()][1:] == ["I have called you instead."]

    @pytest.mark.parametrize(("kind", "later"), [("bounced", "sent"), ("complained", "withheld")])
    def test_is_tried_again_after_a_month_unless_its_owner_complained(
        self, mailroom: Mailroom, kind: str, later: str
    ) -> None:
        tell(mailroom, answer(mailroom), kind)
        mailroom.clock.at += 31 * DAY_MS
        assert state(mailroom, answer(mailroom, 2)) == later

    def test_is_left_alone_for_good_though_another_mail_bounces_after_the_complaint(self, mailroom: Mailroom) -> None:
        first, second = answer(mailroom, 1), answer(mailroom, 2)
        tell(mailroom, first, "complained")
        tell(mailroom, second, "bounced")
        mailroom.clock.at += 31 * DAY_MS
        assert state(mailroom, answer(mailroom, 3)) == "withheld"

    def test_is_kept_as_a_name_that_nobody_can_read(self, mailroom: Mailroom) -> None:
        key = answer(mailroom)
        tell(mailroom, key, "bounced")
        files = [file for file in mailroom.provider.store.folder.glob("supportmax.db*") if file.is_file()]
        assert [file.name for file in files if ADDRESS.encode() in file.read_bytes()] == []

    def test_says_nothing_of_other_addresses(self, mailroom: Mailroom) -> None:
        tell(mailroom, answer(mailroom), "bounced")
        mailroom.answer(any_mail(message_id="<o@post.example>", sender="other@post.example"))
        assert len(mailroom.sent()) == 2
