"""Connections as AwsConnections keeps them, and what it makes of API Gateway's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.aws.clock import AwsClock
from adapters.aws.connections import LONGEST_SECONDS, AwsConnections, connection_partition, topic_partition
from adapters.aws.records import AwsRecords
from adapters.local.clock import ShiftedClock
from shared.errors import InvalidInput, Misconfigured
from shared.ports.limits import check_key
from shared.ports.records import MAX_BATCH_ROWS
from tests.aws_moving.gateway_of_sockets import SocketGateway, open_gateway
from tests.contract.aws_backend import requests_of
from tests.contract.aws_moving_backend import Account, any_account, fresh_table


@dataclass(frozen=True, slots=True)
class Place:
    account: Account
    sockets: SocketGateway
    clock: ShiftedClock
    records: AwsRecords
    connections: AwsConnections


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with any_account() as account:
        yield account


@pytest.fixture(scope="module")
def sockets() -> Iterator[SocketGateway]:
    with open_gateway() as sockets:
        yield sockets


@pytest.fixture
def place(account: Account, sockets: SocketGateway) -> Place:
    sockets.forget()
    clock, settings = ShiftedClock(AwsClock()), fresh_table(account, socket_url=sockets.url)
    records = AwsRecords(account.clients, settings, clock)
    return Place(account, sockets, clock, records, AwsConnections(sockets.clients, settings, records, clock))


def test_a_connection_is_forgotten_by_its_id_alone_in_every_tenant_and_topic(place: Place) -> None:
    topics = ["t2|c1", *(f"t1|c{number}" for number in range(MAX_BATCH_ROWS))]
    for topic in topics:
        place.connections.join("Lc=", topic)
    place.connections.leave("Lc=")
    assert all(place.connections.members(topic) == () for topic in topics)
    assert list(place.records.query(connection_partition("Lc="), prefix="TOPIC|")) == []


def test_a_connection_that_never_said_goodbye_is_gone_after_its_two_hours(place: Place) -> None:
    place.connections.join("Lc=", "t1|desk")
    place.clock.advance(2 * 3600)
    assert place.connections.members("t1|desk") == ("Lc=",)
    place.clock.advance(LONGEST_SECONDS - 2 * 3600 + 1)
    assert place.connections.members("t1|desk") == ()


def test_no_tenant_hears_another(place: Place) -> None:
    place.connections.join("Lc=", "t1|c1")
    assert place.connections.members("t2|c1") == ()
    assert topic_partition("t1|c1") == "T|t1|L|c1"


@pytest.mark.parametrize("topic", ["", "t1", "|c1", "t1|"])
def test_a_topic_without_a_tenant_is_refused(place: Place, topic: str) -> None:
    with pytest.raises(InvalidInput):
        place.connections.join("Lc=", topic)


@pytest.mark.parametrize("connection", ["Jc8VhfE_oAMCKAg=", "a/b+c==", "é?#|\\"])
def test_every_id_makes_a_key(connection: str) -> None:
    check_key(connection_partition(connection), "TOPIC|t1|c1")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_c2_a_push_that_cannot_be_sent_now_is_lost_and_its_connection_stays(place: Place, status: int) -> None:
    place.sockets.connect("Lc=")
    place.connections.join("Lc=", "t1|c1")
    place.sockets.fault = (status, {})
    assert place.connections.push("Lc=", {}) is False
    assert place.sockets.posts == 1
    place.sockets.fault = None
    assert place.connections.members("t1|c1") == ("Lc=",)
    assert place.connections.push("Lc=", {}) is True


def test_an_id_that_api_gateway_never_gave_out_is_gone_too(place: Place) -> None:
    place.connections.join("made up", "t1|c1")
    place.sockets.fault = (400, {"x-amzn-errortype": "BadRequestException"})
    assert place.connections.push("made up", {}) is False
    assert place.connections.members("t1|c1") == ()


def test_a_function_that_may_not_push_says_so(place: Place) -> None:
    place.sockets.fault = (403, {"x-amzn-errortype": "ForbiddenException"})
    with pytest.raises(Misconfigured):
        place.connections.push("Lc=", {})


def test_joining_is_two_writes_and_asking_who_listens_is_one_read(place: Place) -> None:
    with requests_of(place.account.clients, "dynamodb") as asked:
        place.connections.join("Lc=", "t1|c1")
        place.connections.members("t1|c1")
    assert len(asked) == 3
