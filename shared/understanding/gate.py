"""The gate of requirements §11.4: go on, ask one question, set aside, or an operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.company.company import Gates


@dataclass(frozen=True, slots=True)
class Signs:
    """What the gate looks at; confidences in basis points.

    `own_gate` is what the company has set for the main intent; `for_person` that it is likely one which
    only people answer, and asking back would only cost time; `harmless` means that its playbook only looks things up
    and can do so for this customer; `answered` that the articles answer with evidence.
    """

    own_gate: str
    confidence: int
    category_confidence: int
    out_of_scope: int
    priority: str
    sentiment: str
    supported_language: bool
    for_person: bool
    harmless: bool
    answered: bool
    asked_before: bool


def _articles_answer(signs: Signs, gates: Gates) -> bool:
    """A category is enough to answer from articles, with evidence, where the words hint at an intent at all."""
    hinted = signs.confidence >= gates.articles and signs.category_confidence >= gates.category
    return signs.answered and hinted


Rule = tuple[str, str, Callable[[Signs, Gates], bool]]

# (gate, reason, when), the first that holds decides
RULES: tuple[Rule, ...] = (
    ("ignore", "unwanted", lambda s, g: s.own_gate == "ignore" and s.confidence >= g.go),
    ("operator", "language", lambda s, g: not s.supported_language),
    ("clarify", "small_talk", lambda s, g: s.own_gate == "clarify" and s.confidence >= g.act and not s.asked_before),
    ("go", "for_person", lambda s, g: s.for_person),
    ("go", "clear", lambda s, g: s.confidence >= g.go and s.out_of_scope < g.out_of_scope),
    ("go", "likely", lambda s, g: s.harmless and s.confidence >= g.act and s.out_of_scope < g.out_of_scope),
    ("operator", "urgent", lambda s, g: s.priority == "P1"),
    ("operator", "frustrated", lambda s, g: s.sentiment == "frustrated"),
    ("go", "articles", _articles_answer),
    ("operator", "out_of_scope", lambda s, g: s.out_of_scope >= g.out_of_scope),
    ("operator", "still_unclear", lambda s, g: s.asked_before),
    ("clarify", "unclear", lambda s, g: True),
)


def pass_gate(signs: Signs, gates: Gates) -> tuple[str, str]:
    """The gate and its reason."""
    return next((gate, reason) for gate, reason, when in RULES if when(signs, gates))
