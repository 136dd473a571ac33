"""A whole message is understood: wishes, priority, bad input, one answer for one text."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.understanding.taxonomy import load_taxonomy
from shared.understanding.understand import LONGEST_TEXT, understand


def names(text: str) -> set[str]:
    return {found.name for found in understand(text).intents}


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("I was charged twice and now the API is suspended.", {"duplicate_charge", "subscription_suspended"}),
        ("Please cancel my subscription and refund my last payment.", {"subscription_cancel", "refund_request"}),
        ("I forgot my password. Also, where is my order?", {"password_reset", "order_status"}),
    ],
)
def test_several_wishes_in_one_message_are_all_heard(text: str, wishes: set[str]) -> None:
    assert wishes <= names(text)


def test_two_wishes_of_two_clauses_are_nearly_always_both_heard_and_nothing_else_is_acted_on() -> None:
    """The table's heads name the two intents; 0.35 lists an intent, 0.85 would let it act."""
    table = tomllib.loads((Path(__file__).parent / "two_wishes.toml").read_text("utf-8"))
    pairs = [(set(head.split("-")), text) for head, row in table.items() for text in row["texts"]]
    found = [(wishes, {each.name: each.confidence for each in understand(text).intents}) for wishes, text in pairs]
    both = [all(heard.get(wish, 0) >= 0.35 for wish in wishes) for wishes, heard in found]
    besides = [any(sure >= 0.85 for name, sure in heard.items() if name not in wishes) for wishes, heard in found]
    assert len(pairs) >= 58
    assert sum(both) / len(both) >= 0.88
    assert sum(besides) <= 2


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Ich habe mein Passwort vergessen", "account"),
        ("Je voudrais un remboursement", "billing"),
        ("¿Dónde está mi pedido?", "general"),
        ("L'app si blocca sempre", "technical"),
        ("注文をキャンセルしたい", "general"),
    ],
)
def test_other_languages_find_the_same_category(text: str, category: str) -> None:
    assert understand(text).category == category


def test_a_subject_counts_as_part_of_the_message() -> None:
    assert understand("Please see above.", subject="I forgot my password").intent == "password_reset"


def test_entities_are_offsets_into_the_text_without_its_subject() -> None:
    found = understand("Order #48213 is late", subject="Hello there").entities
    assert [(entity.value, entity.start) for entity in found] == [("48213", 7)]


def test_what_no_customer_asks_support_is_out_of_scope() -> None:
    inside = understand("My parcel has not arrived, where is it?").out_of_scope
    outside = understand("Which planet has the most moons and who was the first to see them?").out_of_scope
    assert inside < 0.5 < outside


@pytest.mark.parametrize("text", ["", "   \n", "x" * (LONGEST_TEXT + 1), None, 7, ["hello"]])
def test_a_text_that_cannot_be_used_is_refused_with_its_limit(text: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        understand(text)
    assert refusal.value.field == "text"
    assert "5000" in (refusal.value.limit or "")


def test_a_subject_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        understand("hello", subject=3)
    assert refusal.value.field == "subject"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_any_text_gets_probabilities_between_0_and_1_and_known_names(text: str) -> None:
    found = understand(text)
    shares = [found.confidence, found.category_confidence, found.out_of_scope, found.frustration]
    assert all(0 <= share <= 1 for share in [*shares, *(each.confidence for each in found.intents)])
    assert found.intent == found.intents[0].name in load_taxonomy().intents
    assert found.category in load_taxonomy().categories
    assert found.priority in ("P1", "P2", "P3", "P4")


def test_the_same_text_is_always_understood_alike() -> None:
    text = "THIRD time I write!! Refund $49.99 for order 88213 by Friday or I call my lawyer"
    assert understand(text) == understand(text)
