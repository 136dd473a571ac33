"""The gate of requirements §11.4: go on, ask one question, set aside, or an operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.company.company import Gates


@dataclass(frozen=True, slots=True)
class Signs:
    """What the gate looks at; confidences in basis points.

    `own_gate` is what the company has set for the main intent. `for_person`: it is likely one that only people
    answer, and asking back would only cost time. `waiting`: an approver has not decided yet. `own_matter`: the playbook
    is about this customer's own affairs. `harmless`: it only looks things up, and can do so for this customer.
    `answered`: the articles answer with evidence.
    """

    own_gate: str
    confidence: int
    category_confidence: int
    out_of_scope: int
    priority: str
    sentiment: str
    supported_language: bool
    for_person: bool
    waiting: bool
    own_matter: bool
    harmless: bool
    answered: bool
    asked_before: bool


def _articles_answer(signs: Signs, gates: Gates) -> bool:
    """A category is enough to answer from articles, with evidence, where the words hint at an intent at all."""
    hinted = signs.confidence >= gates.articles and signs.category_confidence >= gates.category
    return signs.answered and hinted


def _is_own_matter(signs: Signs, gates: Gates) -> bool:
    """A customer's own affairs are looked up rather than answered with what articles say in general."""
    likely = signs.confidence >= gates.several and signs.category_confidence >= gates.category
    return signs.own_matter and likely and not signs.harmless


Rule = tuple[str, str, Callable[[Signs, Gates], bool]]

# (gate, reason, when), the first that holds decides
RULES: tuple[Rule, ...] = (
    ("ignore", "unwanted", lambda s, g: s.own_gate == "ignore" and s.confidence >= g.go),
    ("operator", "language", lambda s, g: not s.supported_language),
    ("clarify", "small_talk", lambda s, g: s.own_gate == "clarify" and s.confidence >= g.act and not s.asked_before),
    ("go", "for_person", lambda s, g: s.for_person),
    ("go", "clear", lambda s, g: s.confidence >= g.go and s.out_of_scope < g.out_of_scope),
    ("operator", "asked_while_waiting", lambda s, g: s.waiting),
    ("go", "likely", lambda s, g: s.harmless and s.confidence >= g.look and s.out_of_scope < g.out_of_scope),
    ("operator", "urgent", lambda s, g: s.priority == "P1"),
    ("operator", "frustrated", lambda s, g: s.sentiment == "frustrated"),
    ("go", "own_matter", _is_own_matter),
    ("go", "articles", _articles_answer),
    ("operator", "out_of_scope", lambda s, g: s.out_of_scope >= g.out_of_scope),
    ("operator", "still_unclear", lambda s, g: s.asked_before),
    ("clarify", "unclear", lambda s, g: True),
)


def pass_gate(signs: Signs, gates: Gates) -> tuple[str, str]:
    """The gate and its reason."""
    return next((gate, reason) for gate, reason, when in RULES if when(signs, gates))
