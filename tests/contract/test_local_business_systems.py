"""The sandbox company keeps B1 to B5, each of its systems that acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.business.sandbox.operations import ACTIONS
from adapters.business.sandbox.sandbox import Sandbox
from tests.contract.business_systems import BusinessSystemsContract, Example, Fault

EVA: dict[str, Any] = {"customer": "cus_eva"}
QUINN: dict[str, Any] = {"customer": "cus_quinn"}
REFUND = {**EVA, "payment": "pay_eva_2611b", "amount_minor": 100, "currency": "EUR", "reason": "charged twice"}
CANCEL = {**QUINN, "order": "ORD-10252", "reason": "wish"}


@dataclass(frozen=True, slots=True)
class LocalCompany:
    """The company of one folder."""

    business_systems: Sandbox


class OfTheSandbox(BusinessSystemsContract):
    """Supplies a fresh company."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[LocalCompany]:
        company = LocalCompany(Sandbox(tmp_path))
        yield company
        company.business_systems.close()

    def break_down(self, provider: LocalCompany, fault: Fault | None) -> None:
        provider.business_systems.set_fault(self.example.system, fault)


class TestBilling(OfTheSandbox):
    example = Example(
        system="billing",
        act=("refund", REFUND),
        other={**REFUND, "amount_minor": 200},
        refused={**REFUND, "amount_minor": 10_000_000},
        tell=("refunds", EVA),
        done=lambda told: len(told["refunds"]),
        reads=(("overview", EVA), ("subscriptions", EVA), ("payments", EVA), ("usage", EVA)),
    )


class TestAccounts(OfTheSandbox):
    example = Example(
        system="accounts",
        act=("issue_api_key", {**EVA, "label": "export"}),
        other={**EVA, "label": "import"},
        refused={"customer": "cus_nobody", "label": "export"},
        tell=("api_keys", EVA),
        done=lambda told: len(told["api_keys"]),
        reads=(("customer", EVA), ("users", EVA)),
    )


class TestOrders(OfTheSandbox):
    example = Example(
        system="orders",
        act=("cancel", CANCEL),
        other={**CANCEL, "reason": "mistake"},
        refused={**CANCEL, "order": "ORD-10231"},
        tell=("list", QUINN),
        done=lambda told: sum(order["status"] == "cancelled" for order in told["orders"]),
        reads=(("order", {**QUINN, "number": ""}),),
    )


def test_every_system_of_the_sandbox_that_acts_is_held_to_the_contract() -> None:
    held = {each.example.system for each in OfTheSandbox.__subclasses__()}
    assert held == {system for system, _ in ACTIONS}
