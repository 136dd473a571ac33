"""Priority follows the rules of the taxonomy."""

from __future__ import annotations

import pytest

from shared.understanding.priority import find_cues, set_priority
from shared.understanding.understand import understand

CALM, FURIOUS = 0.1, 0.95


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Our whole company cannot log in since this morning", "P1"),
        ("The website is down", "P1"),
        ("The charger caught fire last night", "P1"),
        ("Someone hacked my account and changed the e-mail", "P1"),
        ("Alle unsere Kunden sehen eine Fehlermeldung", "P1"),
        ("All my data is gone after the update", "P2"),
        ("I am locked out of my account", "P2"),
        ("You charged me twice. Refund it or you will hear from my lawyer", "P2"),
        ("My parcel is damaged", "P3"),
        ("What are your opening hours?", "P4"),
        ("It would be great if you added a dark mode", "P4"),
        ("Thank you so much, great service!", "P4"),
    ],
)
def test_a_message_gets_the_priority_of_its_most_urgent_reason(text: str, priority: str) -> None:
    assert understand(text).priority == priority


@pytest.mark.parametrize(
    ("usual", "cues", "frustration", "priority"),
    [
        ("P4", set(), CALM, "P4"),
        ("P4", {"trouble"}, CALM, "P3"),
        ("P3", set(), FURIOUS, "P2"),
        ("P4", set(), FURIOUS, "P4"),
        ("P2", set(), FURIOUS, "P2"),
        ("P3", {"trouble", "many"}, CALM, "P1"),
        ("P3", {"trouble", "deadline"}, CALM, "P2"),
        ("P3", {"no_hurry"}, CALM, "P4"),
        ("P1", {"no_hurry"}, CALM, "P1"),
        ("P4", {"many"}, CALM, "P4"),
    ],
)
def test_cues_and_mood_move_the_usual_priority(usual: str, cues: set[str], frustration: float, priority: str) -> None:
    assert set_priority([(usual, 0.9)], frozenset(cues), frustration) == priority


def test_an_intent_that_is_only_guessed_makes_nothing_urgent() -> None:
    assert set_priority([("P1", 0.4)], frozenset(), CALM) == "P2"


def test_a_message_without_any_intent_is_ordinary() -> None:
    assert set_priority([], frozenset(), CALM) == "P3"


@pytest.mark.parametrize("text", ["no rush at all", "Es eilt nicht", "pas urgent", "non è urgente", "急ぎません"])
def test_not_urgent_is_understood_in_several_languages(text: str) -> None:
    assert "no_hurry" in find_cues(text)
