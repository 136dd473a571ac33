"""What an automatically resolved ticket costs (design §4), counted at the ports, and that nobody can read it there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.outcomes import read_outcome
from adapters.local.platform import Platform
from shared.settings import Settings
from tests.builders.counting import Bill, open_counted

TENANT = Settings().tenant
TAINT = "Zwetschgenkompott"
QUESTION = "How do I connect Slack?"
# The relay reads and forgets what a cloud's stream brings to it; its one write, like the projection's, keeps a view.
RELAY, DELIVERY = "intake.relay", "reply.deliver"
VIEWS = (RELAY, "analytics.project")
BESIDE = (*VIEWS, DELIVERY, "realtime.tell", "")


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[Platform, Bill]]:
    """A platform that knows its customer already, with an empty bill."""
    platform, bill = open_counted(tmp_path / "data")
    ask(platform, "api", "Do you ship to Norway?", "earlier")
    bill.requests.clear()
    bill.units.clear()
    yield platform, bill
    platform.close()


def ask(platform: Platform, channel: str, text: str, own_id: str) -> str:
    """One message, worked off; its conversation."""
    arriving = {"tenant": TENANT, "channel": channel, "text": text, "own_id": own_id, "customer": "cus_ben"}
    received = platform.call("intake.receive", arriving)
    platform.pump()
    outcome = read_outcome(platform, TENANT, received["conversation"], received["message"])
    assert outcome["outcome"] == "resolved"
    return str(received["conversation"])


@pytest.mark.parametrize("channel", ["api", "chat"])
def test_a_resolved_ticket_costs_four_writes_and_five_reads(counted: tuple[Platform, Bill], channel: str) -> None:
    platform, bill = counted
    arriving = {"tenant": TENANT, "channel": channel, "text": QUESTION, "own_id": "m1", "customer": "cus_ben"}
    platform.call("intake.receive", arriving)
    platform.pump()
    writes, write_units = bill.count("write", but=BESIDE)
    views, view_units = bill.count("write", of=VIEWS)
    _, read_units = bill.count("read", but=BESIDE)
    assert (writes, write_units <= 7) == (4, True), bill.units
    assert (views <= 3, view_units <= 4) == (True, True), bill.units
    assert read_units <= 5, bill.units


@pytest.mark.parametrize("channel", ["api", "chat"])
def test_a_resolved_ticket_costs_three_queue_requests_and_one_event(
    counted: tuple[Platform, Bill], channel: str
) -> None:
    platform, bill = counted
    ask(platform, channel, QUESTION, "m1")
    assert bill.count("turns") == (3, 3)
    assert bill.count("event") == (1, 1)


def test_a_resolved_ticket_logs_little_and_its_state_is_small(counted: tuple[Platform, Bill], tmp_path: Path) -> None:
    platform, _ = counted
    log = tmp_path / "data" / "telemetry.jsonl"
    before = log.stat().st_size if log.exists() else 0
    conversation = ask(platform, "api", QUESTION, "m1")
    state = json.dumps(platform.provider.workflows.outcome("turn", f"{conversation}-1-1"))
    assert len(state) <= 32 * 1024
    assert (log.stat().st_size if log.exists() else 0) - before <= 3 * 1024


def test_the_bill_does_not_grow_with_the_customers_history(counted: tuple[Platform, Bill]) -> None:
    platform, bill = counted
    for number in range(30):
        ask(platform, "api", QUESTION, f"again{number}")
    bill.requests.clear()
    bill.units.clear()
    ask(platform, "api", QUESTION, "last")
    assert bill.count("write", but=BESIDE)[0] == 4
    assert bill.count("read", but=BESIDE)[0] <= 5
    assert bill.count("write", of=VIEWS)[1] <= 4


@pytest.mark.parametrize("channel", ["api", "chat"])
def test_no_word_of_a_customer_can_be_read_in_anything_that_is_stored(
    counted: tuple[Platform, Bill], tmp_path: Path, channel: str
) -> None:
    platform, _ = counted
    conversation = ask(platform, channel, f"{QUESTION} My workspace is called {TAINT}.", "m1")
    history = json.dumps(platform.provider.workflows.outcome("turn", f"{conversation}-1-1"))
    assert TAINT.lower() not in history.lower()
    files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert {"supportmax.db-wal", "journal.db-wal"} <= {file.name for file in files}
    assert [file.name for file in files if TAINT.lower().encode() in file.read_bytes().lower()] == []
