"""The sandbox company keeps the promises B1 to B5 of the business systems' port."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.business.sandbox.operations import ACTIONS, CONTRACTS, READS
from adapters.business.sandbox.sandbox import SLOW_SECONDS, Sandbox, slots_of
from shared.errors import InvalidInput, NotFound, Refused, Unavailable, Uncertain, Unsupported, WrongState


def any_refund(**changes: Any) -> dict[str, Any]:
    usual = {"customer": "cus_eva", "payment": "pay_eva_2611b", "amount_minor": 24_900, "currency": "EUR"}
    return {**usual, "reason": "charged twice", **changes}


def refunds_of(sandbox: Sandbox, payment: str) -> list[int]:
    return [refund["amount_minor"] for refund in sandbox.books()["refund"] if refund["payment"] == payment]


def test_an_action_repeated_under_its_key_answers_the_same_and_does_nothing_again(sandbox: Sandbox) -> None:
    first = sandbox.act("billing", "refund", any_refund(), key="k1")
    assert sandbox.act("billing", "refund", any_refund(), key="k1") == first
    assert refunds_of(sandbox, "pay_eva_2611b") == [24_900]


def test_a_key_is_remembered_after_the_file_is_opened_again(tmp_path: Path) -> None:
    before = Sandbox(tmp_path)
    first = before.act("billing", "refund", any_refund(), key="k1")
    before.close()
    after = Sandbox(tmp_path)
    assert after.look_up("billing", "k1") == first
    assert after.act("billing", "refund", any_refund(), key="k1") == first
    assert refunds_of(after, "pay_eva_2611b") == [24_900]
    after.close()


def test_a_key_reused_for_another_request_is_refused(sandbox: Sandbox) -> None:
    sandbox.act("billing", "refund", any_refund(amount_minor=100), key="k1")
    with pytest.raises(Refused) as refusal:
        sandbox.act("billing", "refund", any_refund(amount_minor=200), key="k1")
    assert refusal.value.field == "key"
    assert refunds_of(sandbox, "pay_eva_2611b") == [100]


def test_keys_of_different_systems_are_different_keys(sandbox: Sandbox) -> None:
    sandbox.act("billing", "refund", any_refund(), key="k1")
    assert sandbox.look_up("orders", "k1") is None
    sandbox.act("orders", "cancel", {"customer": "cus_quinn", "order": "ORD-10252", "reason": "wish"}, key="k1")


def test_looking_up_an_unknown_key_says_absent(sandbox: Sandbox) -> None:
    assert sandbox.look_up("billing", "never") is None


def test_a_refused_action_leaves_nothing_under_its_key(sandbox: Sandbox) -> None:
    with pytest.raises(WrongState):
        sandbox.act("billing", "refund", any_refund(amount_minor=24_901), key="k1")
    assert sandbox.look_up("billing", "k1") is None
    sandbox.act("billing", "refund", any_refund(), key="k1")


@given(amounts=st.lists(st.integers(min_value=-10, max_value=20_000), max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_refunds_of_a_payment_never_exceed_what_was_captured(
    amounts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    for index, amount in enumerate(amounts):
        try:
            sandbox.act("billing", "refund", any_refund(amount_minor=amount), key=f"k{index}")
        except Refused:
            continue
    given_back = refunds_of(sandbox, "pay_eva_2611b")
    sandbox.close()
    assert sum(given_back) <= 24_900
    assert all(amount > 0 for amount in given_back)


@pytest.mark.parametrize(
    "change", [{"currency": "USD"}, {"amount_minor": 0}, {"amount_minor": 1.5}, {"amount_minor": True}]
)
def test_a_refund_in_another_currency_or_of_no_amount_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        sandbox.act("billing", "refund", any_refund(**change), key="k1")
    assert refunds_of(sandbox, "pay_eva_2611b") == []


def test_reading_changes_nothing(sandbox: Sandbox) -> None:
    before = sandbox.books()
    for system, operation, arguments in every_read():
        sandbox.read(system, operation, arguments)
    assert sandbox.books() == before


def every_read() -> list[tuple[str, str, dict[str, Any]]]:
    extra = {"email": "eva@brandt-retail-analytics.example", "number": "", "check": "api", "customer": "cus_eva"}
    return [
        (system, operation, {name: extra[name] for name in slots_of(function)})
        for (system, operation), function in READS.items()
    ]


def test_an_unknown_system_or_operation_is_unsupported(sandbox: Sandbox) -> None:
    for call in (
        lambda: sandbox.read("billing", "divine", {}),
        lambda: sandbox.act("weather", "rain", {}, key="k"),
        lambda: sandbox.look_up("weather", "k"),
        lambda: sandbox.contract("weather"),
        lambda: sandbox.set_fault("weather", "down"),
    ):
        with pytest.raises(Unsupported):
            call()


def test_an_unknown_customer_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        sandbox.read("billing", "overview", {"customer": "cus_nobody"})


def test_another_customers_payment_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        sandbox.act("billing", "refund", any_refund(customer="cus_ada"), key="k1")


def test_missing_and_unknown_arguments_are_named(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sandbox.read("billing", "overview", {"customer": "cus_eva", "tenant": "x"})
    assert refusal.value.field == "tenant"
    with pytest.raises(InvalidInput, match="customer is missing"):
        sandbox.read("billing", "overview", {})


def test_an_action_needs_a_key(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidInput):
        sandbox.act("billing", "refund", any_refund(), key="")


def test_a_system_that_is_down_does_nothing_and_says_so(sandbox: Sandbox) -> None:
    sandbox.set_fault("billing", "down")
    with pytest.raises(Unavailable):
        sandbox.read("billing", "overview", {"customer": "cus_eva"})
    with pytest.raises(Unavailable):
        sandbox.act("billing", "refund", any_refund(), key="k1")
    with pytest.raises(Unavailable):
        sandbox.look_up("billing", "k1")
    assert sandbox.read("orders", "list", {"customer": "cus_sam"})["orders"]
    sandbox.set_fault("billing", None)
    assert sandbox.look_up("billing", "k1") is None


def test_f40_a_system_that_fails_after_doing_is_uncertain_and_can_be_looked_up(sandbox: Sandbox) -> None:
    sandbox.set_fault("billing", "fails_after")
    with pytest.raises(Uncertain):
        sandbox.act("billing", "refund", any_refund(), key="k1")
    found = sandbox.look_up("billing", "k1")
    assert found is not None
    assert found["amount_minor"] == 24_900
    assert refunds_of(sandbox, "pay_eva_2611b") == [24_900]


def test_a_slow_system_waits_before_it_answers(tmp_path: Path) -> None:
    waited: list[float] = []
    sandbox = Sandbox(tmp_path, sleep=waited.append)
    sandbox.set_fault("billing", "slow")
    sandbox.read("billing", "overview", {"customer": "cus_eva"})
    sandbox.act("billing", "refund", any_refund(), key="k1")
    sandbox.close()
    assert waited == [SLOW_SECONDS, SLOW_SECONDS]


def test_a_fault_of_some_times_mends_itself_and_outlives_the_process(tmp_path: Path) -> None:
    before = Sandbox(tmp_path)
    before.set_fault("billing", "down", times=2)
    before.close()
    after = Sandbox(tmp_path)
    for _ in range(2):
        with pytest.raises(Unavailable):
            after.read("billing", "overview", {"customer": "cus_eva"})
    assert after.read("billing", "overview", {"customer": "cus_eva"})
    after.close()


def test_a_read_does_not_use_up_a_fault_that_only_actions_meet(sandbox: Sandbox) -> None:
    sandbox.set_fault("billing", "fails_after", times=1)
    sandbox.read("billing", "overview", {"customer": "cus_eva"})
    with pytest.raises(Uncertain):
        sandbox.act("billing", "refund", any_refund(), key="k1")


def test_every_system_that_acts_deduplicates_and_looks_up(sandbox: Sandbox) -> None:
    for system in {system for system, _ in ACTIONS}:
        contract = sandbox.contract(system)
        assert contract.window > 0
        assert contract.looks_up
    assert {system for system, _ in READS} | {system for system, _ in ACTIONS} == set(CONTRACTS)


def test_two_fresh_companies_are_the_same_company(tmp_path: Path) -> None:
    one, two = Sandbox(tmp_path / "one"), Sandbox(tmp_path / "two")
    assert one.books() == two.books()
    one.close()
    two.close()


def test_two_processes_share_one_company(tmp_path: Path) -> None:
    one, two = Sandbox(tmp_path), Sandbox(tmp_path)
    first = one.act("billing", "refund", any_refund(), key="k1")
    assert two.act("billing", "refund", any_refund(), key="k1") == first
    assert two.read("billing", "refunds", {"customer": "cus_eva"})["refunds"] == [first]
    one.close()
    two.close()
