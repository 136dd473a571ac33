"""`supportmax failover --cloud aws`: which functions it asks in which region, and what it writes into the directory.

moto runs no function without Docker, so the invocation is answered in botocore itself, and asserted as it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from adapters.aws.clients import Clients
from adapters.aws.failover import DeployedHomes, patient_client
from adapters.local.cli.failover import let_money_move, move
from shared.errors import WrongState
from tests.contract.aws_backend import make_table

IRELAND, OREGON = "eu-west-1", "us-west-2"
NOTHING_ASKED: dict[str, Any] = {"last": 0, "empty": False, "operator": "", "paid": (), "absent": ()}


class Body(BytesIO):
    """As much of an HTTP body as botocore reads."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class Account:
    """What was invoked, and how Lambda answers it; `raises` is what the function raises."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers, self.asked = answers, list[tuple[str, str, Any]]()
        self.raises = ""

    def client_in(self, region: str) -> Any:
        client = patient_client(region)

        def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            name = request.url.split("/functions/")[1].split("/")[0]
            self.asked.append((region, name, json.loads(request.body)))
            told = {"errorType": self.raises, "errorMessage": "why"} if self.raises else self.answers[name[-6:]]
            headers = {"X-Amz-Function-Error": "Unhandled"} if self.raises else {}
            return AWSResponse(request.url, 200, headers, Body(json.dumps(told).encode()))

        client.meta.events.register("before-send.lambda.Invoke", answer)
        return client


@pytest.fixture
def regions() -> Iterator[None]:
    """moto knows no global tables: what Oregon's replica says is what counts for a move to Oregon."""
    with mock_aws():
        for region in (IRELAND, OREGON):
            make_table(Clients(region), "supportmax-prod-tenants")
        yield


@pytest.mark.usefixtures("regions")
def test_the_old_home_is_drained_before_the_directory_names_the_new_one() -> None:
    account = Account(**{"-drain": {"epoch": 1}})
    homes = DeployedHomes("prod", account.client_in)
    homes.tenants(OREGON).add("acme", IRELAND)
    told = move(homes, "acme", OREGON, lost=False)
    assert account.asked == [(IRELAND, "supportmax-prod-effects-drain", {"tenant": "acme"})]
    assert (told["home"]["region"], told["home"]["epoch"], told["drained"]) == (OREGON, 2, {"epoch": 1})


@pytest.mark.usefixtures("regions")
def test_a_lost_region_is_asked_nothing() -> None:
    account = Account()
    homes = DeployedHomes("prod", account.client_in)
    homes.tenants(OREGON).add("acme", IRELAND)
    assert move(homes, "acme", OREGON, lost=True)["home"]["epoch"] == 2
    assert account.asked == []


@pytest.mark.usefixtures("regions")
def test_an_old_home_that_cannot_be_drained_stays_the_home() -> None:
    account = Account()
    account.raises = "Conflict"
    homes = DeployedHomes("prod", account.client_in)
    homes.tenants(OREGON).add("acme", IRELAND)
    with pytest.raises(WrongState, match="Conflict"):
        move(homes, "acme", OREGON, lost=False)
    assert homes.tenants(OREGON).home("acme").region == IRELAND


@pytest.mark.usefixtures("regions")
def test_money_is_reopened_where_the_tenant_is_at_home() -> None:
    account = Account(**{"reopen": {"epoch": 1, "opened": True, "unsettled": []}})
    homes = DeployedHomes("prod", account.client_in)
    homes.tenants(OREGON).add("acme", OREGON)
    assert let_money_move(homes, "acme", OREGON, NOTHING_ASKED)["opened"] is True
    (asked,) = account.asked
    assert asked[:2] == (OREGON, "supportmax-prod-effects-reopen")
    assert asked[2] == {"tenant": "acme", "last": 0, "empty": False, "operator": "", "paid": [], "absent": []}
