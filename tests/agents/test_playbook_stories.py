"""What single playbooks do for the customers whose story they tell: said, done and written in the ledger."""

from __future__ import annotations

import re

import pytest

from shared.effects.effect import COMMITTED, PROPOSED
from tests.builders.playbooks import World


def refunds_of(world: World, customer: str) -> list[int]:
    """What the company itself wrote down, minor units."""
    return [each["amount_minor"] for each in world.sandbox.books()["refund"] if each["customer"] == customer]


def test_a_password_link_goes_to_the_verified_address_and_is_told_masked(world: World) -> None:
    ended = world.run("password_reset", "cus_leo", text="I forgot it", email="someone@else.example")
    assert ended.state == "solved"
    assert "l***@novak-toys.example" in ended.reply
    assert "leo@" not in ended.reply
    assert "else.example" not in ended.reply


def test_a_small_duplicate_is_refunded_at_once_and_the_amount_told_is_the_ledgers(world: World) -> None:
    ended = world.run("duplicate_charge", "cus_ben")
    (effect,) = world.effects("refund_payment")
    assert (ended.state, effect.state, effect.amount_minor) == ("solved", COMMITTED, 2_900)
    assert f"{effect.amount_minor // 100}.{effect.amount_minor % 100:02d} EUR" in ended.reply
    assert refunds_of(world, "cus_ben") == [effect.amount_minor]
    assert [action.status for action in ended.work.actions] == ["committed"]


def test_a_large_duplicate_waits_for_approval_and_goes_on_from_the_stored_step(world: World) -> None:
    stood = world.run("duplicate_charge", "cus_eva", tier="gold")
    (effect,) = world.effects("refund_payment")
    assert (stood.state, effect.state) == ("needs_approval", PROPOSED)
    assert refunds_of(world, "cus_eva") == []
    assert "249.00 EUR" in stood.reply
    assert "refunded" not in stood.reply

    world.decide()
    ended = world.go_on("duplicate_charge", "cus_eva", stood, tier="gold")
    (effect,) = world.effects("refund_payment")
    assert (ended.state, effect.state) == ("solved", COMMITTED)
    assert {action.tool: action.status for action in ended.work.actions} == {
        "refund_payment": "committed",
        "reactivate_subscription": "done",
    }
    assert "249.00 EUR" in ended.reply
    assert "test call to the API with your account worked" in ended.reply
    assert world.run("api_error", "cus_eva").work.values["access"]["ok"] is True


def test_a_refund_that_a_person_rejects_is_told_as_that_and_moves_nothing(world: World) -> None:
    stood = world.run("duplicate_charge", "cus_ada")
    world.decide(approved=False)
    ended = world.go_on("duplicate_charge", "cus_ada", stood)
    assert "could not approve" in ended.reply
    assert refunds_of(world, "cus_ada") == []


def test_suspension_and_api_are_only_diagnosed_while_the_refund_waits(world: World) -> None:
    world.run("duplicate_charge", "cus_eva", tier="gold")
    for name in ("subscription_suspended", "api_error"):
        ended = world.run(name, "cus_eva", conversation=name)
        assert ended.state == "solved"
        assert ended.work.actions == ()
        assert "suspended" in ended.reply
        assert not re.search(r"\b(will|shall) (be )?(refund|reactivat)", ended.reply)


def test_two_symptoms_name_one_incident_and_each_says_its_own_part(world: World) -> None:
    export = world.run("data_export", "cus_gina", tier="platinum")
    invoice = world.run("disputed_charge", "cus_gina", tier="platinum")
    assert export.cause == invoice.cause == "inc_2611_metering"
    assert export.cause_text == invoice.cause_text
    assert "export" in export.reply
    assert "126.00 EUR" in invoice.reply
    assert "INV-1072611" in invoice.reply
    assert invoice.work.actions == ()


@pytest.mark.parametrize(("customer", "wrong"), [("cus_iris", "expired on 18 November"), ("cus_jonas", "revoked")])
def test_a_key_that_does_not_work_is_named_and_replaced(world: World, customer: str, wrong: str) -> None:
    ended = world.run("api_error", customer)
    assert wrong in ended.reply
    assert [action.tool for action in ended.work.actions] == ["issue_api_key"]
    after = world.run("api_error", customer, conversation="later")
    assert after.work.values["access"]["ok"] is True
    assert after.work.actions == ()


def test_who_wrote_about_it_often_before_is_recognised_and_offered_something_lasting(world: World) -> None:
    twice = world.run("api_error", "cus_iris", same=2)
    thrice = world.run("api_error", "cus_jonas", same=3, conversation="c2")
    assert "times before" not in twice.reply
    assert "3 times before" in thrice.reply
    assert "Rotate" in thrice.reply


def test_who_goes_on_using_the_old_key_is_told_so_and_the_fourth_time_how_to_end_it(world: World) -> None:
    world.run("api_error", "cus_iris", conversation="first")
    second = world.run("api_error", "cus_iris", conversation="second", same=1)
    fourth = world.run("api_error", "cus_iris", conversation="fourth", same=3)
    assert "still send key_iris" in second.reply
    assert "times before" not in second.reply
    assert "3 times before" in fourth.reply
    assert second.work.actions == fourth.work.actions == ()


def test_a_balance_is_told_from_memory_with_its_age_while_billing_is_down(world: World) -> None:
    fresh = world.run("account_balance", "cus_farid")
    world.sandbox.set_fault("billing", "down")
    stale = world.run("account_balance", "cus_farid", conversation="later")
    assert "-249.00 EUR" in fresh.reply
    assert "-249.00 EUR" in stale.reply
    assert "as of 20 November 2026, 09:00 UTC" in stale.reply
    assert "may have changed" in stale.reply
    assert (fresh.follow_up, stale.follow_up) == (0, 30)


def test_a_balance_that_was_never_known_goes_to_a_person_while_billing_is_down(world: World) -> None:
    world.sandbox.set_fault("billing", "down")
    assert world.run("account_balance", "cus_farid").reason == "system_unavailable"


def test_the_same_refund_asked_for_twice_is_made_once(world: World) -> None:
    world.run("duplicate_charge", "cus_ben", conversation="chat")
    again = world.run("duplicate_charge", "cus_ben", conversation="mail")
    assert again.state == "solved"
    assert "already" in again.reply
    assert len(world.effects("refund_payment")) == 1
    assert refunds_of(world, "cus_ben") == [2_900]


def test_the_same_refund_asked_for_while_it_waits_refers_to_the_first(world: World) -> None:
    world.run("duplicate_charge", "cus_ada", conversation="chat")
    for name in ("duplicate_charge", "disputed_charge", "refund_request"):
        again = world.run(name, "cus_ada", conversation=name)
        assert again.state == "pending"
        assert "asked for before" in again.reply
    assert len(world.effects("refund_payment")) == 1


def test_a_refund_that_another_channel_has_just_committed_is_told_as_made(world: World) -> None:
    """The second one has read the payments before the first refund was made."""
    waiting = world.run("duplicate_charge", "cus_ada", conversation="slow")
    world.decide(approved=False)
    first = world.run("duplicate_charge", "cus_ada", conversation="quick")
    world.decide()
    world.go_on("duplicate_charge", "cus_ada", first, conversation="quick")
    again = world.go_on("duplicate_charge", "cus_ada", waiting, conversation="third")
    assert again.state == "solved"
    assert "77.90 EUR that you are asking for was made" in again.reply
    assert refunds_of(world, "cus_ada") == [7_790]


def test_an_overdue_invoice_is_collected_and_what_it_suspended_opened(world: World) -> None:
    ended = world.run("payment_failed", "cus_farid")
    assert [(action.tool, action.status) for action in ended.work.actions] == [
        ("process_payment", "committed"),
        ("reactivate_subscription", "done"),
    ]
    assert "249.00 EUR" in ended.reply


@pytest.mark.parametrize(("customer", "why"), [("cus_victor", "has expired"), ("cus_wanda", "insufficient funds")])
def test_a_payment_method_that_cannot_pay_is_not_tried_again(world: World, customer: str, why: str) -> None:
    ended = world.run("payment_failed", customer)
    assert why in ended.reply
    assert world.effects() == []


def test_asking_how_to_pay_charges_nobody(world: World) -> None:
    ended = world.run("pay_bill", "cus_farid")
    assert "249.00 EUR" in ended.reply
    assert world.effects() == []


def test_a_lost_second_factor_is_never_reset_on_the_word_of_a_message(world: World) -> None:
    ended = world.run("mfa_problem", "cus_mara")
    assert ended.reason == "identity_check_needed"
    assert "reset_mfa" not in {action.tool for action in ended.work.actions}


def test_the_lock_of_security_is_lifted_by_nobody_here(world: World) -> None:
    for name in ("login_issue", "password_reset"):
        ended = world.run(name, "cus_nils", conversation=name)
        assert ended.reason == "locked_by_security"
        assert not any(action.status == "done" for action in ended.work.actions)


def test_an_order_is_cancelled_after_approval_and_its_money_can_be_asked_back(world: World) -> None:
    stood = world.run("order_cancel", "cus_quinn", order_number="ORD-10252")
    assert stood.state == "needs_approval"
    world.decide()
    ended = world.go_on("order_cancel", "cus_quinn", stood)
    assert "417.00 EUR are due back" in ended.reply
    refund = world.run("refund_request", "cus_quinn", order_number="ORD-10252", conversation="later")
    assert refund.state == "needs_approval"
    world.decide()
    assert "417.00 EUR" in world.go_on("refund_request", "cus_quinn", refund, conversation="later").reply


@pytest.mark.parametrize(("words", "sku"), [("The door sensor is cracked", "door"), ("Both cables are cut", "cable")])
def test_the_product_that_is_named_is_replaced(world: World, words: str, sku: str) -> None:
    ended = world.run("damaged_item", "cus_rosa", text=words)
    assert ended.work.values["claim"]["sku"] == sku
    again = world.run("damaged_item", "cus_rosa", text=words, conversation="later")
    assert "there is a claim already" in again.reply
    assert again.work.actions == ()


def test_erasing_data_is_for_a_person_and_copying_it_is_not(world: World) -> None:
    assert world.run("data_request", "cus_bea", text="Delete all my data!").reason == "erasure_request"
    assert "b***@" in world.run("data_request", "cus_bea", text="Send me my data", conversation="c2").reply


def test_another_customers_order_stays_unknown(world: World) -> None:
    for name in ("order_status", "order_cancel", "delivery_delay", "damaged_item", "return_exchange", "refund_request"):
        ended = world.run(name, "cus_ada", order_number="ORD-10241", conversation=name)
        assert "10241" not in ended.reply
        assert ended.work.actions == ()
