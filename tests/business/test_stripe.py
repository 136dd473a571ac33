"""What the Stripe-shaped connector sends, refuses and reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from adapters.business import stripe
from adapters.business.stripe_amounts import from_wire, to_wire
from shared.errors import InvalidInput, Misconfigured, NotFound, Refused, Unavailable, Unsupported, WrongState
from shared.tools import billing, payments
from tests.business.loopback import Asked, says
from tests.business.stripe_server import API_KEY
from tests.business.vendors import Behind, open_stripe

KEY = "e0123456789abcdef"


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    with open_stripe(tmp_path) as opened:
        yield opened


def refund(behind: Behind, key: str = KEY, **changes: Any) -> dict[str, Any]:
    return behind.business_systems.act("billing", "refund", {**behind.refund, **changes}, key=key)


def acted(behind: Behind) -> list[Asked]:
    return [asked for asked in behind.vendor.asked if asked.method == "POST"]


def test_a_refund_is_a_form_with_its_key_in_the_header_and_in_its_metadata(behind: Behind) -> None:
    facts = refund(behind)
    (asked,) = acted(behind)
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert asked.path == "/v1/refunds"
    assert dict(parse_qsl(asked.body.decode())) == {
        "charge": "ch_eva_eur", "amount": "4000", "metadata[effect]": KEY, "metadata[customer]": "cus_eva",
        "metadata[payment]": "ch_eva_eur", "metadata[reason]": "charged twice",
    }  # fmt: skip
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert (headers["idempotency-key"], headers["stripe-version"]) == (KEY, stripe.VERSION)
    assert {name: facts[name] for name in ("amount_minor", "currency", "payment", "customer", "status")} == {
        "amount_minor": 4_000, "currency": "EUR", "payment": "ch_eva_eur", "customer": "cus_eva",
        "status": "sent_to_bank",
    }  # fmt: skip
    assert facts["expected_by"] > facts["created_at"][:10]


def test_a_payment_intent_is_refunded_as_one(behind: Behind) -> None:
    assert refund(behind, payment="pi_eva_eur")["payment"] == "pi_eva_eur"
    assert b"payment_intent=pi_eva_eur" in acted(behind)[0].body


def test_a_credit_goes_to_the_balance_and_is_found_by_its_key(behind: Behind) -> None:
    made = behind.business_systems.act("billing", "credit", behind.credit, key=KEY)
    assert (made["basis"], made["amount_minor"]) == ("in_eur", 4_000)
    assert b"credit_amount=4000" in acted(behind)[0].body
    assert behind.business_systems.look_up("billing", KEY) == made


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("amount_minor", -1), ("amount_minor", 0), ("amount_minor", 10.0), ("amount_minor", "10"), ("amount_minor", True),
        ("amount_minor", float("nan")), ("amount_minor", 10**9), ("currency", "eur"), ("currency", "EURO"),
        ("currency", "MGA"), ("currency", "IQD"), ("payment", "ch_1/../../customers"), ("payment", "re_1"),
        ("customer", "eva"), ("reason", ""), ("reason", "two\nlines"), ("confirmed", True),
    ],
)  # fmt: skip
def test_what_is_no_refund_is_refused_before_anything_is_sent(behind: Behind, name: str, given: Any) -> None:
    """T9, F50"""
    with pytest.raises(InvalidInput) as refused:
        refund(behind, **{name: given})
    assert refused.value.field == name
    assert behind.vendor.asked == []


def test_a_missing_argument_and_a_bad_key_are_refused_before_anything_is_sent(behind: Behind) -> None:
    without = {name: value for name, value in behind.refund.items() if name != "currency"}
    with pytest.raises(InvalidInput, match="missing"):
        behind.business_systems.act("billing", "refund", without, key=KEY)
    for key in ("", "two words", "x" * 256, "line\r\nx-evil: 1"):
        with pytest.raises(InvalidInput):
            refund(behind, key)
    assert behind.vendor.asked == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"payment": "ch_ada_eur"}, NotFound),
        ({"payment": "ch_nobody"}, NotFound),
        ({"customer": "cus_ada"}, NotFound),
        ({"currency": "USD"}, InvalidInput),
        ({"currency": "KWD", "payment": "ch_eva_kwd", "amount_minor": 1_005}, InvalidInput),
    ],
)
def test_another_customers_payment_or_currency_is_refused_and_not_sent(
    behind: Behind, changes: dict[str, Any], kind: type[Refused]
) -> None:
    """T8, T9: a refund names neither, so Stripe itself would carry it out."""
    with pytest.raises(kind):
        refund(behind, **changes)
    assert acted(behind) == []


@pytest.mark.parametrize(
    ("code", "minor", "sent"), [("EUR", 4_000, 4_000), ("JPY", 500, 500), ("KWD", 5_120, 5_120), ("ISK", 5, 500)]
)
def test_minor_units_are_sent_as_stripe_counts_them_and_read_back_as_ours(
    behind: Behind, code: str, minor: int, sent: int
) -> None:
    """F50"""
    facts = refund(behind, currency=code, payment=f"ch_eva_{code.lower()}", amount_minor=minor)
    assert f"amount={sent}&".encode() in acted(behind)[0].body
    assert (facts["amount_minor"], facts["currency"]) == (minor, code)


def test_an_amount_that_is_no_whole_one_of_ours_cannot_be_read() -> None:
    assert from_wire(to_wire(7, "ISK"), "ISK") == 7
    for told, code in ((750, "ISK"), (7.5, "EUR"), ("7", "EUR"), (True, "EUR")):
        with pytest.raises(ValueError, match="amount"):
            from_wire(told, code)


def test_a_refund_that_failed_at_once_was_not_done(behind: Behind) -> None:
    answer = behind.vendor._refund

    def failing(form: dict[str, str], made: dict[str, Any], share: int) -> Any:
        answer(form, made, share)
        behind.vendor.refunds[-1]["status"] = "failed"
        return says(200, behind.vendor.refunds[-1])

    behind.vendor._refund = failing
    with pytest.raises(WrongState, match="failed"):
        refund(behind)
    assert behind.business_systems.look_up("billing", KEY) is None


def test_a_key_is_found_behind_hundreds_of_newer_refunds(behind: Behind) -> None:
    first = refund(behind)
    fill(behind, 250)
    assert behind.business_systems.look_up("billing", KEY) == first


def test_more_refunds_than_can_be_looked_through_are_not_absence(behind: Behind) -> None:
    fill(behind, stripe.PAGE * stripe.MOST_PAGES + 1)
    with pytest.raises(Unavailable):
        behind.business_systems.look_up("billing", KEY)


def fill(behind: Behind, many: int) -> None:
    """Refunds of somebody else."""
    row = {"object": "refund", "metadata": None, "created": behind.vendor.now()}
    behind.vendor.refunds.extend({"id": f"re_more{each}", **row} for each in range(many))


def test_a_wrong_or_broken_api_key_is_not_shown_and_nothing_is_done(tmp_path: Path) -> None:
    """S3"""
    with open_stripe(tmp_path / "wrong", secret=b"sk_test_wrong") as wrong:
        with pytest.raises(Unavailable) as refused:
            refund(wrong)
        assert "sk_test" not in f"{refused.value!r}{refused.value.__cause__!r}"
    for number, broken in enumerate((b"sk_test_\r\nx: y", "sk_tést".encode(), b"")):
        with open_stripe(tmp_path / str(number), secret=broken) as behind:
            with pytest.raises(Misconfigured) as refused_too:
                refund(behind)
            assert "sk_t" not in f"{refused_too.value!r}{refused_too.value.__cause__!r}"
            assert behind.vendor.asked == []


def test_what_the_vendor_says_of_a_customer_goes_no_further(behind: Behind) -> None:
    with pytest.raises(Refused) as refused:
        refund(behind, amount_minor=9_901)
    assert str(refused.value) == "billing answered 400 charge_already_refunded"
    assert API_KEY.decode() not in str(refused.value)


def test_the_billing_tools_read_payments_refunds_and_invoices(behind: Behind) -> None:
    systems = behind.business_systems
    refund(behind)
    payments = billing.list_payments(systems, customer="cus_eva")
    assert payments["handles"]["payment"]["ch_eva_eur"]["amount_minor"] == 5_900
    assert billing.get_refund_status(systems, customer="cus_eva")["refund"]["amount_minor"] == 4_000
    assert billing.get_payment_status(systems, customer="cus_ada")["status"] == "captured"
    found = billing.get_invoice(systems, customer="cus_eva", invoice_number="TB-5000")
    assert (found["invoice"]["currency"], found["invoice"]["total_minor"]) == ("JPY", 5_000)
    assert billing.get_invoice(systems, customer="cus_eva", invoice_number="TB-1")["found"] is False


def test_the_tools_that_pay_hand_their_key_on_as_it_is(behind: Behind) -> None:
    paid = payments.refund_payment(behind.business_systems, key=KEY, **behind.refund)
    credited = payments.apply_credit_adjustment(behind.business_systems, key=f"{KEY}c", **behind.credit)
    assert behind.business_systems.look_up("billing", KEY) == paid
    assert behind.business_systems.look_up("billing", f"{KEY}c") == credited


def test_what_such_an_api_does_not_have_is_unsupported(behind: Behind) -> None:
    with pytest.raises(Unsupported):
        behind.business_systems.read("billing", "usage", {"customer": "cus_eva"})
    with pytest.raises(Unsupported):
        behind.business_systems.act("billing", "charge", {}, key=KEY)


def test_part_of_a_list_is_not_told_as_all_of_it(behind: Behind) -> None:
    rows = {f"ch_{each}": {**behind.vendor.charges["ch_eva_eur"], "id": f"ch_{each}"} for each in range(101)}
    behind.vendor.charges.update(rows)
    with pytest.raises(Unavailable):
        behind.business_systems.read("billing", "payments", {"customer": "cus_eva"})
