"""Every tool does what its sentence says, on a fresh company."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.business.sandbox.sandbox import Sandbox
from shared.errors import InvalidInput, NotFound, WrongState
from shared.tools.catalog import TOOLS
from shared.tools.tool import Facts

EUR = {"currency": "EUR"}
DAMAGED = {"order": "ORD-10235", "sku": "door", "description": "The lens is cracked."}
ADDRESS = {"street": "New Street 1", "postcode": "55116", "city": "Mainz", "country": "de"}

# tool -> (customer, slots, what its facts hold)
CALLS: dict[str, tuple[str, Facts, Facts]] = {
    "get_billing_information": ("cus_farid", {}, {"open_invoice.due_minor": 24_900, "balance.amount_minor": -24_900}),
    "list_payments": ("cus_uma", {"order_number": "10241"}, {"found": True, "payments.1.id": "pay_10241"}),
    "find_duplicate_charge": ("cus_ada", {"order_number": "ORD-10231"}, {"payment.id": "pay_10231b"}),
    "refund_payment": (
        "cus_ada",
        {"payment": "pay_10231b", "amount_minor": 7_790, "reason": "charged twice", **EUR},
        {"amount_minor": 7_790, "expected_by": "2026-11-27"},
    ),
    "get_refund_status": ("cus_zoe", {}, {"found": True, "refund.expected_by": "2026-11-25"}),
    "apply_credit_adjustment": (
        "cus_hugo",
        {"basis": "INV-1082611", "amount_minor": 4_200, "reason": "usage counted twice", **EUR},
        {"amount_minor": 4_200, "basis": "INV-1082611"},
    ),
    "get_invoice": ("cus_ben", {"invoice_number": "#1022611"}, {"found": True, "invoice.total_minor": 2_900}),
    "send_invoice_copy": ("cus_ben", {"invoice": "INV-1022610"}, {"sent_to": "ben@okafor-books.example"}),
    "get_payment_status": ("cus_victor", {}, {"found": True, "status": "failed"}),
    "process_payment": (
        "cus_farid",
        {"invoice": "INV-1062611", "amount_minor": 24_900, **EUR},
        {"status": "captured", "method": "card ending in 4106"},
    ),
    "setup_payment_plan": (
        "cus_wanda",
        {"invoice": "INV-1252610", "instalments": 3},
        {"instalments.0.amount_minor": 29_968, "instalments.2.amount_minor": 29_966},
    ),
    "change_plan": ("cus_xavi", {"subscription": "sub_xavi", "plan": "business"}, {"subscription.plan": "business"}),
    "cancel_subscription": (
        "cus_xavi",
        {"subscription": "sub_xavi", "reason": "too dear"},
        {"effective": "2026-11-30"},
    ),
    "reactivate_subscription": ("cus_bea", {"subscription": "sub_bea"}, {"subscription.status": "active"}),
    "compare_usage": ("cus_gina", {}, {"amount_minor": 12_600, "incident.id": "inc_2611_metering"}),
    "update_tax_status": (
        "cus_yara",
        {"tax_status": "reverse_charge", "vat_id": "ATU 13585627"},
        {"tax.vat_id": "ATU13585627"},
    ),
    "get_customer_profile": ("cus_nils", {}, {"customer.tier": "platinum", "users.0.lock": "security"}),
    "get_account_services": ("cus_eva", {}, {"subscriptions.0.status": "suspended"}),
    "send_password_reset": ("cus_leo", {"user": "usr_leo"}, {"sent_to": "l***@novak-toys.example"}),
    "unlock_account": ("cus_kim", {"user": "usr_kim"}, {"unlocked": True, "was_locked": True}),
    "reset_mfa": ("cus_mara", {"user": "usr_mara"}, {"mfa": "to_enrol"}),
    "update_contact_details": (
        "cus_leo",
        {"field": "phone", "value": "+44 20 7946 0999"},
        {"status": "awaiting_confirmation"},
    ),
    "set_user_role": ("cus_dina", {"user": "usr_tom", "role": "editor"}, {"role": "editor", "was": "viewer"}),
    "revoke_api_key": ("cus_dina", {"api_key": "key_dina"}, {"status": "revoked"}),
    "issue_api_key": ("cus_iris", {"label": "Warehouse"}, {"api_key.status": "active", "secret_shown_in": "console"}),
    "verify_customer_identity": ("cus_leo", {"channel": "phone"}, {"address": "***0113", "valid_minutes": 10}),
    "request_data_export": ("cus_bea", {}, {"ready_by": "2026-11-23"}),
    "close_account": ("cus_bea", {"reason": "moved"}, {"status": "closed"}),
    "get_service_status": ("cus_gina", {}, {"all_operational": False, "affecting.0.id": "inc_2611_metering"}),
    "check_system_logs": ("cus_iris", {}, {"errors.0.error": "api_key_expired"}),
    "run_diagnostic_test": ("cus_carl", {"check": "sensor"}, {"ok": False, "devices.0.id": "sen_4711"}),
    "check_api_access": ("cus_iris", {}, {"ok": False, "problem": "api_key_expired"}),
    "schedule_technician_visit": ("cus_carl", {"day": "2026-11-27", "subject": "North gate"}, {"day": "2026-11-27"}),
    "get_order": ("cus_quinn", {}, {"order.id": "ORD-10252", "cancellable": True}),
    "track_order": ("cus_pavel", {"order_number": "ord 10247"}, {"order.tracking.number": "PW10247", "late": False}),
    "get_delivery_estimate": ("cus_piet", {}, {"late": True, "estimate": "2026-11-22", "amount_minor": 990}),
    "cancel_order": ("cus_quinn", {"order": "ORD-10252", "reason": "event moved"}, {"refund_due_minor": 41_700}),
    "change_order": ("cus_quinn", {"order": "ORD-10252", "sku": "mount", "quantity": 3}, {"difference_minor": 1_950}),
    "change_shipping_address": (
        "cus_tara",
        {"order": "ORD-10250", **ADDRESS},
        {"order.address.street": "New Street 1"},
    ),
    "create_return": (
        "cus_sam",
        {"order": "ORD-10228", "sku": "mini", "quantity": 2, "reason": "too many"},
        {"status": "label_sent", "value_minor": 15_800},
    ),
    "report_damaged_item": ("cus_rosa", DAMAGED, {"status": "replacement_sent", "arrives_by": "2026-11-25"}),
    "get_product_information": ("", {"product": "Tallybird Wide"}, {"products.0.price_minor": 34_900}),
    "check_inventory_availability": ("", {"sku": "gateway"}, {"available": False, "restock": "2026-11-29"}),
    "generate_quote": ("cus_yara", {"sku": "door", "quantity": 50}, {"discount_bp": 1_000, "total_minor": 850_500}),
    "process_order": ("cus_yara", {"quote": "the quote just made"}, {"status": "placed", "total_minor": 850_500}),
}


def call(sandbox: Sandbox, name: str, customer: str, **slots: Any) -> Facts:
    """Call a tool as the executor would: bound customer, a key for effects."""
    tool = TOOLS[name]
    if "customer" in tool.bound:
        slots["customer"] = customer
    if tool.effect != "none":
        slots.setdefault("key", f"key-{name}")
    return tool.run(sandbox, **slots)


def pick(facts: Any, path: str) -> Any:
    for step in path.split("."):
        facts = facts[int(step)] if isinstance(facts, list) else facts[step]
    return facts


def test_every_tool_has_a_call_here() -> None:
    assert set(CALLS) == set(TOOLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_tool_answers_what_its_sentence_promises(sandbox: Sandbox, name: str) -> None:
    customer, slots, expected = CALLS[name]
    if name == "process_order":
        slots = {"quote": call(sandbox, "generate_quote", customer, sku="door", quantity=50)["id"]}
    facts = call(sandbox, name, customer, **slots)
    assert {path: pick(facts, path) for path in expected} == expected
    json.dumps(facts)
    assert not any(isinstance(value, float) for value in leaves(facts))


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.data != "public"])
def test_no_tool_answers_for_an_unknown_customer(sandbox: Sandbox, name: str) -> None:
    _, slots, _ = CALLS[name]
    with pytest.raises(NotFound):
        call(sandbox, name, "cus_nobody", **slots)


@pytest.mark.parametrize("name", ["get_order", "track_order", "get_delivery_estimate"])
def test_t8_another_customers_order_is_not_found(sandbox: Sandbox, name: str) -> None:
    assert call(sandbox, name, "cus_ada", order_number="ORD-10241") == {"found": False}


def test_t8_another_customers_invoice_is_not_found(sandbox: Sandbox) -> None:
    assert call(sandbox, "get_invoice", "cus_ada", invoice_number="INV-1022611") == {"found": False}
    assert call(sandbox, "find_duplicate_charge", "cus_ada", invoice_number="INV-1022611")["found"] is False
    assert call(sandbox, "get_payment_status", "cus_ada", invoice_number="INV-1022611") == {"found": False}


def test_the_newest_order_is_meant_where_no_number_is_given(sandbox: Sandbox) -> None:
    assert call(sandbox, "get_order", "cus_sam")["order"]["id"] == "ORD-10228"


def test_nothing_is_found_where_nothing_was_charged_twice(sandbox: Sandbox) -> None:
    facts = call(sandbox, "find_duplicate_charge", "cus_dina")
    assert (facts["found"], facts["payment"], facts["handles"]) == (False, None, {"payment": {}})


def test_a_duplicate_whose_twin_was_refunded_is_no_longer_offered(sandbox: Sandbox) -> None:
    call(sandbox, "refund_payment", "cus_ben", payment="pay_ben_2611", amount_minor=2_900, reason="twice", **EUR)
    facts = call(sandbox, "find_duplicate_charge", "cus_ben")
    assert facts["already_refunded"] is True
    assert facts["handles"] == {"payment": {}}


def test_a_credited_overcharge_is_no_longer_offered(sandbox: Sandbox) -> None:
    call(sandbox, "apply_credit_adjustment", "cus_hugo", basis="INV-1082611", amount_minor=4_200, reason="x", **EUR)
    facts = call(sandbox, "compare_usage", "cus_hugo")
    assert facts["matches"] is True
    assert facts["handles"] == {"basis": {}}


def test_a_refund_and_a_reactivation_make_the_api_work_again(sandbox: Sandbox) -> None:
    assert call(sandbox, "check_api_access", "cus_eva")["problem"] == "subscription_suspended"
    with pytest.raises(WrongState):
        call(sandbox, "reactivate_subscription", "cus_eva", subscription="sub_eva")
    payment, money = next(iter(call(sandbox, "find_duplicate_charge", "cus_eva")["handles"]["payment"].items()))
    call(
        sandbox, "refund_payment", "cus_eva", payment=payment, amount_minor=money["amount_minor"], reason="twice", **EUR
    )
    call(sandbox, "reactivate_subscription", "cus_eva", subscription="sub_eva")
    assert call(sandbox, "check_api_access", "cus_eva")["ok"] is True


def test_a_payment_and_a_reactivation_lift_a_suspension_for_an_unpaid_invoice(sandbox: Sandbox) -> None:
    call(sandbox, "process_payment", "cus_farid", invoice="INV-1062611", amount_minor=24_900, **EUR)
    call(sandbox, "reactivate_subscription", "cus_farid", subscription="sub_farid")
    assert call(sandbox, "check_api_access", "cus_farid")["ok"] is True


def test_a_new_key_makes_the_api_work_where_the_old_one_expired(sandbox: Sandbox) -> None:
    call(sandbox, "issue_api_key", "cus_iris", label="New")
    assert call(sandbox, "check_api_access", "cus_iris")["ok"] is True


def test_one_incident_explains_failing_exports_and_wrong_usage(sandbox: Sandbox) -> None:
    export = call(sandbox, "run_diagnostic_test", "cus_hugo", check="export")
    assert export["incident"]["id"] == call(sandbox, "compare_usage", "cus_hugo")["incident"]["id"]
    assert call(sandbox, "run_diagnostic_test", "cus_dina", check="export")["ok"] is True


def test_an_incident_never_names_the_other_customers_it_touches(sandbox: Sandbox) -> None:
    for name, slots in (
        ("get_service_status", {}),
        ("compare_usage", {}),
        ("run_diagnostic_test", {"check": "export"}),
    ):
        assert "cus_hugo" not in json.dumps(call(sandbox, name, "cus_gina", **slots))


def test_a_declined_card_is_refused_and_nothing_is_collected(sandbox: Sandbox) -> None:
    with pytest.raises(WrongState, match="expired"):
        call(sandbox, "process_payment", "cus_victor", invoice="INV-1242611", amount_minor=9_900, **EUR)
    assert call(sandbox, "get_payment_status", "cus_victor")["status"] == "failed"


def test_the_payment_of_a_cancelled_order_can_be_refunded(sandbox: Sandbox) -> None:
    assert call(sandbox, "get_order", "cus_quinn")["handles"]["payment"] == {}
    call(sandbox, "cancel_order", "cus_quinn", order="ORD-10252", reason="event moved")
    handles = call(sandbox, "get_order", "cus_quinn")["handles"]["payment"]
    assert handles["pay_10252"]["amount_minor"] == 41_700


def test_a_damage_claim_makes_the_items_worth_refundable_once(sandbox: Sandbox) -> None:
    call(sandbox, "report_damaged_item", "cus_rosa", **DAMAGED, wish="refund")
    handle = call(sandbox, "get_order", "cus_rosa")["handles"]["payment"]["pay_10235"]
    assert handle["amount_minor"] == 18_900
    call(sandbox, "refund_payment", "cus_rosa", payment="pay_10235", amount_minor=18_900, reason="damaged", **EUR)
    assert call(sandbox, "get_order", "cus_rosa")["handles"]["payment"] == {}


@pytest.mark.parametrize(
    ("name", "customer", "slots"),
    [
        ("cancel_order", "cus_pavel", {"order": "ORD-10247", "reason": "late"}),
        ("change_order", "cus_tara", {"order": "ORD-10250", "sku": "wide", "quantity": 2}),
        ("change_shipping_address", "cus_pavel", {"order": "ORD-10247", **ADDRESS}),
        ("create_return", "cus_sam", {"order": "ORD-10102", "sku": "mini", "reason": "old"}),
        ("unlock_account", "cus_nils", {"user": "usr_nils"}),
        ("set_user_role", "cus_dina", {"user": "usr_dina", "role": "viewer"}),
        ("close_account", "cus_xavi", {"reason": "moved"}),
        ("change_plan", "cus_eva", {"subscription": "sub_eva", "plan": "team"}),
    ],
)
def test_what_the_company_does_not_allow_is_refused(sandbox: Sandbox, name: str, customer: str, slots: Facts) -> None:
    with pytest.raises(WrongState):
        call(sandbox, name, customer, **slots)


@pytest.mark.parametrize(
    ("name", "customer", "slots", "field"),
    [
        ("update_tax_status", "cus_yara", {"tax_status": "reverse_charge", "vat_id": "ATU13585628"}, "vat_id"),
        ("update_contact_details", "cus_leo", {"field": "email", "value": "nowhere"}, "value"),
        ("update_contact_details", "cus_leo", {"field": "phone", "value": "12345"}, "value"),
        ("schedule_technician_visit", "cus_carl", {"day": "next week!", "subject": "x"}, "day"),
        ("schedule_technician_visit", "cus_carl", {"day": "2026-11-19", "subject": "x"}, "day"),
        ("setup_payment_plan", "cus_wanda", {"invoice": "INV-1252610", "instalments": 7}, "instalments"),
        ("run_diagnostic_test", "cus_carl", {"check": "weather"}, "check"),
        ("create_return", "cus_sam", {"order": "ORD-10228", "sku": "wide", "reason": "x"}, "sku"),
        ("generate_quote", "cus_yara", {"sku": "unicorn"}, "sku"),
        ("change_plan", "cus_xavi", {"subscription": "sub_xavi", "plan": "gratis"}, "plan"),
    ],
)
def test_a_bad_argument_is_refused_by_name(
    sandbox: Sandbox, name: str, customer: str, slots: Facts, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        call(sandbox, name, customer, **slots)
    assert refusal.value.field == field
