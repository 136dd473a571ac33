"""What AwsEvents asks of EventBridge, and what it makes of an answer that says "some": moto accepts everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.aws.events import MOST_BYTES, MOST_ENTRIES, AwsEvents, in_requests, size_of
from shared.errors import Misconfigured, SupportMaxError, Throttled, Uncertain
from shared.ports.records import Event
from tests.contract.aws_backend import requests_of
from tests.contract.aws_moving_backend import BUS, MOVING, Account, Http, any_account, hooked

Answer = Callable[[list[dict[str, str]]], list[dict[str, str]]]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with any_account() as account:
        yield account


def any_events(count: int) -> list[Event]:
    return [Event(f"e{number}", "TicketOpened", {"n": number}) for number in range(count)]


def accept(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"EventId": json.loads(entry["Detail"])["id"]} for entry in entries]


@contextmanager
def answered_with(account: Account, *answers: Answer) -> Iterator[list[list[str]]]:
    """Let EventBridge answer so, one after the other, the last again and again; what was put, by event id."""
    put: list[list[str]] = []

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        entries = json.loads(params["body"])["Entries"]
        put.append([json.loads(entry["Detail"])["id"] for entry in entries])
        told = answers[min(len(put), len(answers)) - 1](entries)
        failed = sum("ErrorCode" in each for each in told)
        return Http(200), {"FailedEntryCount": failed, "Entries": told}

    with hooked(account, "events", "before-call.events.PutEvents", answer):
        yield put


def refuse_first(code: str) -> Answer:
    return lambda entries: [{"ErrorCode": code, "ErrorMessage": "no"}, *accept(entries)[1:]]


def test_an_event_is_an_entry_whose_detail_is_what_a_subscriber_is_told(account: Account) -> None:
    with requests_of(account.clients, "events") as asked:
        AwsEvents(account.clients, MOVING).publish([Event("e1", "TicketOpened", {"tenant": "t1", "x": "é"})])
    detail = '{"id":"e1","name":"TicketOpened","body":{"tenant":"t1","x":"é"}}'
    entry = {"EventBusName": BUS, "Source": "supportmax", "DetailType": "TicketOpened", "Detail": detail}
    assert asked == [("PutEvents", {"Entries": [entry]})]


def test_ten_events_are_one_request_and_eleven_are_two(account: Account) -> None:
    with answered_with(account, accept) as put:
        AwsEvents(account.clients, MOVING).publish(any_events(10))
        AwsEvents(account.clients, MOVING).publish(any_events(11))
    assert [len(each) for each in put] == [10, 10, 1]


def test_e5_what_was_not_accepted_is_put_again_alone(account: Account) -> None:
    pauses: list[float] = []
    answers = (refuse_first("ThrottlingException"), refuse_first("InternalFailure"), accept)
    with answered_with(account, *answers) as put:
        AwsEvents(account.clients, MOVING, sleep=pauses.append).publish(any_events(3))
    assert put == [["e0", "e1", "e2"], ["e0"], ["e0"]]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("code", "error"),
    [("ThrottlingException", Throttled), ("InternalFailure", Uncertain), ("InternalException", Uncertain)],
)
def test_e5_what_is_never_accepted_is_raised(account: Account, code: str, error: type[SupportMaxError]) -> None:
    with answered_with(account, refuse_first(code)) as put, pytest.raises(error):
        AwsEvents(account.clients, MOVING, sleep=lambda _: None).publish(any_events(2))
    assert put == [["e0", "e1"], ["e0"], ["e0"]]


def test_e5_what_no_other_try_can_mend_is_raised_at_once(account: Account) -> None:
    refused = answered_with(account, refuse_first("NotAuthorizedForSourceException"))
    with refused as put, pytest.raises(Misconfigured, match="NotAuthorizedForSource"):
        AwsEvents(account.clients, MOVING).publish(any_events(2))
    assert len(put) == 1


def test_an_answer_without_an_id_is_no_acceptance(account: Account) -> None:
    with answered_with(account, lambda entries: [{} for _ in entries]), pytest.raises(Uncertain):
        AwsEvents(account.clients, MOVING, sleep=lambda _: None).publish(any_events(1))


@settings(deadline=None)
@given(st.lists(st.integers(1, 70_000), max_size=40))
def test_every_entry_is_in_one_request_in_order_and_no_request_is_too_large(sizes: list[int]) -> None:
    entries = [{"Source": "s", "DetailType": str(n), "Detail": "x" * size} for n, size in enumerate(sizes)]
    requests = list(in_requests(entries))
    assert [entry for request in requests for entry in request] == entries
    assert all(0 < len(request) <= MOST_ENTRIES for request in requests)
    assert all(sum(map(size_of, request)) <= MOST_BYTES for request in requests)
