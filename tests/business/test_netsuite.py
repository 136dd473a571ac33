"""What the NetSuite-shaped connector sends, refuses and reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.business.exchange import exchange
from adapters.business.netsuite import RECORDS, from_wire, to_wire
from adapters.business.oauth1 import Token, authorise, sign
from adapters.local.records import LocalRecords
from adapters.local.store import open_store
from shared.errors import InvalidInput, Misconfigured, NotFound, Refused, Unavailable
from tests.business.loopback import Asked, Said
from tests.business.netsuite_server import TOKEN
from tests.business.test_payment_faults import Shop
from tests.business.vendors import Behind, open_netsuite

KEY = "e0123456789abcdef"


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    with open_netsuite(tmp_path) as opened:
        yield opened


def refund(behind: Behind, key: str = KEY, **changes: Any) -> dict[str, Any]:
    return behind.business_systems.act("billing", "refund", {**behind.refund, **changes}, key=key)


def acted(behind: Behind) -> list[Asked]:
    return [asked for asked in behind.vendor.asked if behind.vendor.acts(asked)]


def test_a_refund_is_a_record_with_our_key_as_its_external_id(behind: Behind) -> None:
    facts = refund(behind, amount_minor=4_005)
    (asked,) = acted(behind)
    assert (asked.method, asked.path) == ("POST", f"{RECORDS}/customerRefund")
    assert json.loads(asked.body) == {
        "externalId": KEY, "customer": {"id": "7"}, "currency": {"id": "4"}, "account": {"id": "1"},
        "memo": "charged twice", "apply": {"items": [{"doc": {"id": "70"}, "apply": True, "amount": 40.05}]},
    }  # fmt: skip
    assert b'"amount":40.05' in asked.body
    assert (facts["amount_minor"], facts["currency"], facts["payment"]) == (4_005, "EUR", "70")
    assert behind.business_systems.look_up("billing", KEY) == facts


def test_a_credit_is_a_memo_applied_to_its_invoice(behind: Behind) -> None:
    made = behind.business_systems.act("billing", "credit", behind.credit, key=KEY)
    assert (made["basis"], made["amount_minor"], made["customer"]) == ("70", 4_000, "7")
    assert acted(behind)[0].path == f"{RECORDS}/creditMemo"
    assert behind.business_systems.look_up("billing", KEY) == made


def test_an_upsert_would_rewrite_a_refund_and_is_therefore_never_sent(behind: Behind) -> None:
    """The trap that this vendor sets for whoever takes PUT …/eid:… for idempotent."""
    first = refund(behind)
    assert refund(behind) == first
    with pytest.raises(Refused) as refused:
        refund(behind, amount_minor=5_000)
    assert refused.value.field == "key"
    assert {asked.method for asked in acted(behind)} == {"POST"}
    assert behind.business_systems.look_up("billing", KEY) == first
    other = {**json.loads(acted(behind)[0].body), "apply": {"items": [{"doc": {"id": "70"}, "amount": 60.0}]}}
    put(behind, other)
    assert behind.vendor.refunds[0]["total"] == 60.0


def test_without_a_window_what_was_not_done_is_never_sent_again(behind: Behind, tmp_path: Path) -> None:
    """No page promises that two requests under one external id cannot both be carried out at once."""
    shop = Shop(behind, LocalRecords(open_store(tmp_path / "ledger"), behind.clock), "acme")
    behind.vendor.faults.append("fails_before")
    assert shop.settle(shop.begin()).state == "REJECTED"
    assert len(acted(behind)) == 1


def put(behind: Behind, body: dict[str, Any]) -> None:
    url = f"{behind.vendor.url}{RECORDS}/customerRefund/eid:{KEY}"
    header = authorise(Token(**TOKEN), "PUT", url, {}, "n", 1)
    exchange("PUT", url, {"authorization": header}, json.dumps(body).encode(), connect=1, seconds=1)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("amount_minor", -1), ("amount_minor", 0), ("amount_minor", 1e2), ("amount_minor", "1"), ("amount_minor", True),
        ("currency", "KWD"), ("currency", "USD"), ("currency", "eur"), ("payment", "70/!transform/invoice"),
        ("customer", "7 OR 1=1"), ("confirmed", True),
    ],
)  # fmt: skip
def test_what_is_no_refund_is_refused_before_anything_is_sent(behind: Behind, name: str, given: Any) -> None:
    """T9, F50: NetSuite keeps no third decimal, so no dinar is sent."""
    with pytest.raises(InvalidInput) as refused:
        refund(behind, **{name: given})
    assert refused.value.field == name
    assert behind.vendor.asked == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"payment": "80"}, NotFound),
        ({"payment": "99"}, NotFound),
        ({"currency": "JPY"}, InvalidInput),
    ],
)
def test_another_customers_payment_or_currency_is_refused_and_not_sent(
    behind: Behind, changes: dict[str, Any], kind: type[Refused]
) -> None:
    """T8, T9"""
    with pytest.raises(kind):
        refund(behind, **changes)
    assert acted(behind) == []


def test_a_currency_without_decimals_is_sent_without(behind: Behind) -> None:
    facts = refund(behind, payment="71", currency="JPY", amount_minor=500)
    assert b'"amount":500}' in acted(behind)[0].body
    assert (facts["amount_minor"], facts["currency"]) == (500, "JPY")


@pytest.mark.parametrize("minor", [1, 10, 99, 100, 101, 4_005, 99_999_999, 70_368_744])
def test_minor_units_survive_the_way_through_decimals(minor: int) -> None:
    written = json.dumps(to_wire({"amount_minor": minor, "currency": "EUR"}))
    assert len(written.partition(".")[2]) <= 2
    assert from_wire(written, "EUR") == minor


def test_an_amount_of_more_than_two_decimals_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="whole number"):
        from_wire("40.005", "EUR")


def test_behind_a_wrong_address_nothing_is_called_absent(behind: Behind) -> None:
    refund(behind)
    behind.vendor.answer = lambda asked, share=1: Said(404, b"<html>no such page</html>")
    with pytest.raises(Unavailable):
        behind.business_systems.look_up("billing", KEY)


def test_an_invoice_is_read_by_its_number_or_the_newest(behind: Behind) -> None:
    def read(number: str) -> dict[str, Any]:
        return behind.business_systems.read("billing", "invoice", {"customer": "7", "number": number})

    assert read("INV71")["invoice"]["total_minor"] == 5_000
    assert read("")["invoice"]["due_minor"] == 1_000
    assert read("INV99") == {"found": False}
    with pytest.raises(InvalidInput):
        read("' OR '1'='1")


def test_the_signature_is_the_one_of_the_standard() -> None:
    """RFC 5849 §3.4.1's rules: sorted, encoded twice, host in lower case; the value worked out by openssl."""
    token = Token("1", "ck", "tk", "c&s", "t/s")
    said = {"oauth_nonce": "n", "oauth_timestamp": "1", "b": "2 +", "a": "ü~"}
    assert sign(token, "GET", "https://EXAMPLE.com/x", said) == EXPECTED


EXPECTED = "gz3zhY74PzPXesl8dQ8MuMofacxqjeDpduYrniUldyU="


@pytest.mark.parametrize(
    "broken", [b"not json", b"[]", b'{"account": "1"}', json.dumps({**TOKEN, "token": 1}).encode()]
)
def test_a_broken_token_is_not_shown(tmp_path: Path, broken: bytes) -> None:
    """S3"""
    with open_netsuite(tmp_path, secret=broken) as behind:
        with pytest.raises(Misconfigured) as refused:
            refund(behind)
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None
        assert behind.vendor.asked == []


def test_a_token_that_is_refused_is_not_shown_and_nothing_is_done(tmp_path: Path) -> None:
    """S3"""
    with open_netsuite(tmp_path, secret=json.dumps({**TOKEN, "token_secret": "hidden"}).encode()) as behind:
        with pytest.raises(Unavailable) as refused:
            refund(behind)
        assert "hidden" not in f"{refused.value!r}{refused.value.__cause__!r}{Token(**TOKEN)!r}"
        assert behind.vendor.refunds == []
