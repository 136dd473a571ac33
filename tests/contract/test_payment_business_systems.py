"""Payment systems over HTTP keep B1 to B5, and do what they declare: each connector against its vendor's own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.business.vendors import Behind, open_netsuite, open_stripe
from tests.contract.business_systems import BusinessSystemsContract, Example, Fault

EVA: dict[str, Any] = {"customer": "cus_eva"}
SEVEN: dict[str, Any] = {"customer": "7"}
REASON = {"currency": "EUR", "reason": "charged twice"}
STRIPE_REFUND = {**EVA, **REASON, "payment": "ch_eva_eur", "amount_minor": 100}
NETSUITE_REFUND = {**SEVEN, **REASON, "payment": "70", "amount_minor": 100}


class OverHttp(BusinessSystemsContract):
    """Breaks the vendor's server: `down` throttles everything, `fails_after` acts and cuts the connection."""

    def break_down(self, provider: Behind, fault: Fault | None) -> None:
        provider.vendor.down = fault == "down"
        provider.vendor.standing = "lost" if fault == "fails_after" else ""


class TestStripe(OverHttp):
    example = Example(
        system="billing",
        act=("refund", STRIPE_REFUND),
        other={**STRIPE_REFUND, "amount_minor": 200},
        refused={**STRIPE_REFUND, "amount_minor": 9_901},
        tell=("refunds", EVA),
        done=lambda told: len(told["refunds"]),
        reads=(("payments", {"customer": "cus_ada"}), ("invoice", {**EVA, "number": ""})),
    )

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[Behind]:
        with open_stripe(tmp_path) as opened:
            yield opened


class TestNetSuite(OverHttp):
    example = Example(
        system="billing",
        act=("refund", NETSUITE_REFUND),
        other={**NETSUITE_REFUND, "amount_minor": 200},
        refused={**NETSUITE_REFUND, "amount_minor": 9_901},
        tell=("refunds", SEVEN),
        done=lambda told: len(told["refunds"]),
        reads=(("invoice", {**SEVEN, "number": ""}),),
    )

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Iterator[Behind]:
        with open_netsuite(tmp_path) as opened:
            yield opened
