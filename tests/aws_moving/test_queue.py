"""What AwsQueue asks of SQS, where moto would let more pass than AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.aws.queue import LONGEST_DELAY_SECONDS, AwsQueue, QueueUrls
from shared.errors import InvalidInput, Misconfigured
from shared.ports.queue import QueueMessage
from tests.contract.aws_backend import requests_of
from tests.contract.aws_moving_backend import MOVING, Account, Queues, any_account, pump


@dataclass(frozen=True, slots=True)
class Place:
    account: Account
    urls: Queues
    queue: AwsQueue

    def bury(self, *bodies: dict[str, int]) -> None:
        """Make dead letters."""
        for body in bodies:
            self.queue.send("turns", body, group="t1")

        def refuse(_: QueueMessage) -> None:
            raise RuntimeError("no luck")

        pump(self.account.clients, "turns", self.urls["turns"].work, refuse)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with any_account() as account:
        yield account


@pytest.fixture
def place(account: Account) -> Place:
    urls = Queues(account.clients)
    return Place(account, urls, AwsQueue(account.clients, MOVING, urls=urls, wait_seconds=0))


def test_a_message_is_one_request_with_the_tenant_as_its_fair_group(place: Place) -> None:
    with requests_of(place.account.clients, "sqs") as asked:
        url = place.urls["turns"].work
        asked.clear()
        place.queue.send("turns", {"conversation": "c1"}, group="t1")
    assert asked == [("SendMessage", {"QueueUrl": url, "MessageBody": '{"conversation":"c1"}', "MessageGroupId": "t1"})]


def test_characters_that_sqs_refuses_are_sent_as_escapes_and_arrive_as_they_were(place: Place) -> None:
    seen: list[QueueMessage] = []
    place.queue.send("turns", {"text": "\ufffe\uffff\x00\x0b\ud800"}, group="t1")
    pump(place.account.clients, "turns", place.urls["turns"].work, seen.append)
    assert [message.body for message in seen] == [{"text": "\ufffe\uffff\x00\x0b\ud800"}]


@pytest.mark.parametrize("text", ["\ufffe", "\uffff", "\x00", "\x0b"])
def test_nothing_that_sqs_refuses_is_in_a_body(place: Place, text: str) -> None:
    with requests_of(place.account.clients, "sqs") as asked:
        place.queue.send("turns", {"text": text}, group="")
    assert text not in asked[-1][1]["MessageBody"]
    assert "MessageGroupId" not in asked[-1][1]


@pytest.mark.parametrize("seconds", [-1, LONGEST_DELAY_SECONDS + 1])
def test_a_delay_that_sqs_cannot_wait_out_is_refused_with_what_to_do(place: Place, seconds: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        place.queue.send("turns", {}, group="t1", delay_seconds=seconds)
    assert (refusal.value.field, refusal.value.action) == ("delay_seconds", "set a timer for a longer wait")


@pytest.mark.parametrize("group", ["two words", "x" * 129, "é"])
def test_a_group_that_sqs_does_not_take_is_refused(place: Place, group: str) -> None:
    with pytest.raises(InvalidInput):
        place.queue.send("turns", {}, group=group)


def test_only_the_queues_that_are_set_are_known(place: Place) -> None:
    queue = AwsQueue(place.account.clients, MOVING)
    for ask in (lambda: queue.send("terms", {}, group="t1"), lambda: queue.dead_letters("terms")):
        with pytest.raises(InvalidInput, match="terms"):
            ask()


def test_a_queue_that_does_not_exist_is_a_mistake_of_the_settings(place: Place) -> None:
    nowhere = place.urls["turns"].work + "-gone"
    queue = AwsQueue(place.account.clients, MOVING, urls={"turns": QueueUrls(nowhere, nowhere)})
    with pytest.raises(Misconfigured):
        queue.send("turns", {}, group="t1")


def test_looking_at_dead_letters_leaves_them_and_their_count_as_they_are(place: Place) -> None:
    place.bury({"n": 0}, {"n": 1}, {"n": 2})
    first, second = (list(place.queue.dead_letters("turns")) for _ in range(2))
    assert first == second
    assert [(dead.body["n"], dead.attempts) for dead in first] == [(0, 5), (1, 5), (2, 5)]


def test_more_dead_letters_than_a_request_may_hold_are_all_seen_and_redriven(place: Place) -> None:
    place.bury(*({"n": number} for number in range(12)))
    assert [dead.body["n"] for dead in place.queue.dead_letters("turns")] == list(range(12))
    assert place.queue.redrive("turns", limit=11) == 11
    assert len(place.queue.dead_letters("turns")) == 1
    assert place.queue.redrive("turns") == 1


def test_a_dead_letter_is_sent_before_it_is_deleted(place: Place) -> None:
    place.bury({"n": 0})
    with requests_of(place.account.clients, "sqs") as asked:
        place.queue.redrive("turns")
    assert [name for name, _ in asked] == ["ReceiveMessage", "SendMessage", "DeleteMessage", "ReceiveMessage"]


@pytest.mark.parametrize("text", ["no JSON", "[1]", "[" * 5000])
def test_a_dead_letter_that_nobody_of_us_sent_is_shown_and_redriven_as_it_is(place: Place, text: str) -> None:
    sqs, urls = place.account.clients.of("sqs"), place.urls["turns"]
    sqs.send_message(QueueUrl=urls.dead, MessageBody=text)
    place.bury({"n": 1})
    found = [dead.body for dead in place.queue.dead_letters("turns")]
    assert sorted(found, key=str) == sorted([{"unreadable": text}, {"n": 1}], key=str)
    assert place.queue.redrive("turns") == 2
    redriven = sqs.receive_message(QueueUrl=urls.work, MaxNumberOfMessages=10)["Messages"]
    assert {each["Body"] for each in redriven} == {text, '{"n":1}'}
