"""Whole turns whose business systems are behind the gateway end as they do with the company in the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.business.sandbox.sandbox import Sandbox
from adapters.local.running import Runner
from shared.company.company import Company
from shared.dispatch import Application
from shared.ports.business_systems import BusinessSystems
from tests.contract.test_gateway_business_systems import open_company

TWICE = "I was charged twice this month, please refund the second charge."
MESSAGES = (("cus_ben", TWICE), ("cus_quinn", "Where is my order ORD-10252?"), ("cus_dmitri", TWICE))


@contextmanager
def any_runner(folder: Path, systems: Any) -> Iterator[Runner]:
    """The platform on a fresh folder, with other business systems than its own."""
    runner = Runner(folder)
    platform, own = runner.platform, runner.platform.provider
    ports = replace(own, business_systems=systems)
    platform.provider, platform.app = ports, Application(ports, Company(runner.settings.company))
    try:
        yield runner
    finally:
        platform.provider = own
        runner.close()


def outcomes(folder: Path, systems: BusinessSystems) -> list[tuple[Any, ...]]:
    """What became of each message: its outcome, actions, citations and reply."""
    with any_runner(folder, systems) as runner:
        rows = [
            runner.answer({"id": f"m{n}", "text": text, "customer_id": customer})
            for n, (customer, text) in enumerate(MESSAGES)
        ]
    return [(row["outcome"], row["actions"], row["citations"], row["reply"]) for row in rows]


@pytest.mark.parametrize("fault", [None, "down"])
def test_a_turn_ends_alike(fault: Any, tmp_path: Path) -> None:
    here = Sandbox(tmp_path / "here")
    here.set_fault("billing", fault)
    with open_company(tmp_path / "there") as there:
        there.company.set_fault("billing", fault)
        expected = outcomes(tmp_path / "one", here)
        assert outcomes(tmp_path / "two", there.business_systems) == expected
        assert there.company.books() == here.books()
    here.close()
    assert [outcome for outcome, *_ in expected] == (
        ["escalated", "resolved", "escalated"] if fault else ["resolved", "resolved", "awaiting_approval"]
    )


def test_a_refund_that_the_gateway_is_not_sure_of_is_pending_and_happened_once(tmp_path: Path) -> None:
    with open_company(tmp_path / "there") as there:
        there.company.set_fault("billing", "fails_after", 1)
        (outcome, actions, _, _), *_ = outcomes(tmp_path / "one", there.business_systems)
        assert (outcome, actions[0]["status"]) == ("awaiting_approval", "pending")
        assert [refund["customer"] for refund in there.company.books()["refund"]].count("cus_ben") == 1
