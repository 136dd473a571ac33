"""Who may speak and act: the AI, one operator or nobody; live, suggest-only or off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.effects.holds import hold_row
from shared.errors import WrongState
from tests.builders.platform import TENANT, House, open_house

PERSON = "I want to speak to a human agent please."
TWICE = "I was charged twice for my subscription this month, please refund the duplicate payment."
BALANCE = "What is my account balance?"
CHLOE = "cus_chloe"  # gold: a refund of 99.00 EUR needs nobody's approval
FLAGS = {
    "suggest": 'mode = "suggest"\n[intents]\n[tenants]\n',
    "off": 'mode = "live"\n[intents]\nduplicate_charge = "off"\n[tenants]\n',
    "suggest_intent": 'mode = "live"\n[intents]\nduplicate_charge = "suggest"\n[tenants]\n',
    "suggest_tenant": 'mode = "live"\n[intents]\n[tenants.demo]\nmode = "suggest"\n',
}


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """Opens a house whose company set its flags so."""
    opened = []

    def open_it(flags: str) -> House:
        folder = tmp_path / "company"
        folder.mkdir()
        (folder / "flags.toml").write_text(FLAGS[flags])
        manager = open_house(tmp_path / "data", company=folder)
        opened.append(manager)
        return manager.__enter__()

    yield open_it
    for manager in opened:
        manager.__exit__(None, None, None)


def outbox(house: House, conversation: str) -> list[str]:
    return [reply for reply in house.replies(conversation, CHLOE) if reply]


@pytest.mark.parametrize("flags", ["suggest", "suggest_tenant"])
def test_a_suggest_only_tenant_says_nothing_and_does_nothing(open_with: Callable[[str], House], flags: str) -> None:
    house = open_with(flags)
    outcome = house.write(TWICE, CHLOE)
    assert outcome["outcome"] == "escalated"
    assert outbox(house, outcome["conversation_id"]) == []
    assert [effect.state for effect in house.effects()] == []
    assert all(refund["customer"] != CHLOE for refund in house.systems.books()["refund"])


def test_a_suggest_only_tenants_operator_finds_the_suggestion_in_the_packet(open_with: Callable[[str], House]) -> None:
    house = open_with("suggest")
    outcome = house.write(BALANCE)
    assert outcome["reply"] == ""
    assert "Your balance is" in str(outcome["handoff"]["packet"])


def test_an_intent_in_suggest_mode_moves_no_money(open_with: Callable[[str], House]) -> None:
    house = open_with("suggest_intent")
    outcome = house.write(TWICE, CHLOE)
    assert outcome["outcome"] == "escalated"
    assert house.effects() == []
    assert house.write(BALANCE)["outcome"] == "resolved"


def test_an_intent_that_is_off_goes_straight_to_a_person(open_with: Callable[[str], House]) -> None:
    house = open_with("off")
    outcome = house.write(TWICE, CHLOE)
    assert (outcome["outcome"], outcome["reason"]) == ("escalated", "duplicate_charge_is_for_a_person")
    assert house.effects() == []
    assert outcome["actions"] == []


@pytest.mark.parametrize(
    ("owner", "outcome", "speaks"),
    [("ai", "resolved", True), ("operator:mira", "owned_by_operator", False), ("nobody", "resolved", True)],
)
def test_who_owns_a_conversation_decides_who_speaks(house: House, owner: str, outcome: str, speaks: bool) -> None:
    first = house.write(BALANCE if owner == "ai" else PERSON)
    conversation = first["conversation_id"]
    if owner == "operator:mira":
        house.do("escalation.take", conversation=conversation, operator="mira")
    assert house.head(conversation).owner == owner
    second = house.write(BALANCE, conversation=conversation)
    assert (second["outcome"], bool(second["reply"])) == (outcome, speaks)


def test_only_the_owner_may_answer_for_us(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    with pytest.raises(WrongState):
        house.answer(conversation, text="Let me.")
    house.do("escalation.take", conversation=conversation, operator="mira")
    with pytest.raises(WrongState):
        house.answer(conversation, "jonas", text="No, me.")
    with pytest.raises(WrongState):
        house.do("escalation.take", conversation=conversation, operator="jonas")


@pytest.mark.parametrize("step", ["billing.work", "orchestrator.combine", "reply.send"])
def test_an_operator_who_takes_it_while_a_turn_runs_silences_that_turn(house: House, step: str) -> None:
    """I23: the running turn is fenced off; what it wanted to say is never said."""
    conversation, _ = house.receive(BALANCE)
    house.platform.interrupt(step, lambda: take(house, conversation))
    house.platform.pump()
    head = house.head(conversation)
    assert head.owner == "operator:mira"
    assert house.replies(conversation) == []


def test_an_operator_who_takes_it_holds_its_money(house: House) -> None:
    """I23: taken just before the specialist acts; the refund that it wanted is not sent."""
    conversation, _ = house.receive(TWICE, CHLOE)
    house.platform.interrupt("billing.work", lambda: take(house, conversation))
    house.platform.pump()
    assert house.records.get(f"T|{TENANT}|money", hold_row(conversation))
    assert all(refund["customer"] != CHLOE for refund in house.systems.books()["refund"])
    assert "COMMITTED" not in [effect.state for effect in house.effects()]


def test_taking_a_conversation_withdraws_what_was_not_sent_and_handing_back_frees_its_money(house: House) -> None:
    conversation = house.write(TWICE, "cus_dmitri")["conversation_id"]
    house.do("escalation.take", conversation=conversation, operator="mira")
    (effect,) = house.effects()
    assert (effect.state, effect.reason) == ("REJECTED", "takeover")
    with pytest.raises(WrongState) as refused:
        house.decide(effect)
    assert refused.value.field == "state"
    house.answer(conversation, back=True)
    assert house.records.get(f"T|{TENANT}|money", hold_row(conversation)) is None
    assert house.head(conversation).owner == "ai"
    again = house.write(TWICE, "cus_dmitri", conversation=conversation)
    assert again["outcome"] == "awaiting_approval"


def test_what_a_customer_writes_to_an_operator_reopens_what_waited_for_them(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    take(house, conversation)
    house.answer(conversation, text="Which one?")
    assert house.head(conversation).status == "pending_customer"
    house.write("The November one.", conversation=conversation)
    head = house.head(conversation)
    assert (head.owner, head.status) == ("operator:mira", "open")


def test_after_it_is_handed_back_the_ai_answers_again(house: House) -> None:
    conversation = house.write(PERSON)["conversation_id"]
    take(house, conversation)
    house.answer(conversation, back=True)
    assert house.write(BALANCE, conversation=conversation)["outcome"] == "resolved"


def take(house: House, conversation: str) -> Any:
    return house.call("escalation.take", conversation=conversation, operator="mira")
