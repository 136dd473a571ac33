"""Tasks that ride in a mail: orders and questions that share nothing with the mail around them, nor with support."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shared.company.table import read_table
from shared.understanding.injection_rules import WORD

MIN_SENTENCES = 3
MIN_WORDS = 25
LONG_WORDS = 35  # below this, a question of general knowledge may still be the customer's own
LENGTHS = range(3, 46)
MAX_SENTENCES = 400
STEM = 5
QUOTED = re.compile(r"""(?<!\w)(["']).{1,200}?\1(?!\w)""")
OF_ITS_OWN = 0.75  # the share of a sentence's content that the rest of the text never mentions


@dataclass(frozen=True, slots=True)
class TaskWords:
    weight: float
    polite: frozenset[str]
    verbs: frozenset[str]
    questions: frozenset[str]
    people: frozenset[str]
    support: frozenset[str]
    stop: frozenset[str]


@cache
def read_task_words() -> TaskWords:
    table = read_table("injection")["off_task"]
    sets = [frozenset(table[name]) for name in ("polite", "verbs", "questions", "people", "support", "stop")]
    return TaskWords(float(table["weight"]), *sets)


def weigh_off_task(sentences: Sequence[str]) -> float:
    """The weight of the family where one sentence of a longer text is a foreign task, else 0; lower-case sentences."""
    words = [WORD.findall(sentence) for sentence in sentences[:MAX_SENTENCES]]
    total = sum(map(len, words))
    if sum(len(sentence) >= 3 for sentence in words) < MIN_SENTENCES or total < MIN_WORDS:
        return 0.0
    stems = [content_stems(sentence) for sentence in words]
    counts: dict[str, int] = {}
    for stem in (stem for sentence in stems for stem in sentence):
        counts[stem] = counts.get(stem, 0) + 1
    for sentence, found, raw in zip(words, stems, sentences, strict=False):
        alone = sum(counts[stem] == 1 for stem in found)
        if alone >= max(2, OF_ITS_OWN * len(found)) and is_task(sentence, raw, total >= LONG_WORDS):
            return read_task_words().weight
    return 0.0


def content_stems(words: Sequence[str]) -> frozenset[str]:
    stop = read_task_words().stop
    return frozenset(word[:STEM] for word in words if len(word) >= 4 and word not in stop)


def is_task(words: Sequence[str], raw: str, may_ask: bool) -> bool:
    """Whether a sentence orders something, or asks it where `may_ask`, of nobody in the mail."""
    known = read_task_words()
    if len(words) not in LENGTHS or not known.support.isdisjoint(words):
        return False
    start = next((index for index, word in enumerate(words) if word not in known.polite), 0)
    rest = WORD.findall(QUOTED.sub(" ", raw))[start:]
    if not rest or not known.people.isdisjoint(rest):
        return False
    return rest[0] in known.verbs or (may_ask and rest[0] in known.questions and raw.rstrip().endswith("?"))
