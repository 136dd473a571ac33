"""How does the customer feel, and how likely is it that this ends with a person?"""

from __future__ import annotations

from dataclasses import dataclass

from shared.conversations.reading import Mood, TurnState, open_messages, whole_text
from shared.ports.records import Records
from shared.privacy.vault import Vault
from shared.understanding.language import detect_language
from shared.understanding.mood import assess_mood

NEGATIVE_RISK = 3_000
ASKED_AGAIN_RISK = 2_000


@dataclass(frozen=True, slots=True)
class AssessInput(TurnState):
    """The turn to assess."""


def handle(task: AssessInput, *, records: Records, vault: Vault) -> Mood:
    """Mood by words, and the risk: frustration first, then a bad mood, then having been asked already."""
    text = whole_text(open_messages(records, vault, task))
    mood = assess_mood(text, detect_language(text))
    frustration = round(mood.frustration * 10_000)
    bad = mood.sentiment in ("negative", "frustrated")
    risk = frustration + (NEGATIVE_RISK if bad else 0) + (ASKED_AGAIN_RISK if task.known.clarified else 0)
    return Mood(mood.sentiment, frustration, min(10_000, risk))
