"""Tasks that ride in a mail: orders and questions that share nothing with the mail around them, nor with support."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

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
    words = list(map(WORD.findall, sentences[:MAX_SENTENCES]))
    total = sum(map(len, words))
    if sum(len(sentence) >= 3 for sentence in words) < MIN_SENTENCES or total < MIN_WORDS:
        return 0.0
    stems = list(map(content_stems, words))
    counts = Counter(chain.from_iterable(stems))
    may_ask = total >= LONG_WORDS
    for sentence, found, raw in zip(words, stems, sentences, strict=False):
        if stands_alone(found, counts) and is_task(sentence, raw, may_ask):
            return read_task_words().weight
    return 0.0


def content_stems(words: Sequence[str]) -> frozenset[str]:
    stop = read_task_words().stop
    return frozenset(word[:STEM] for word in words if len(word) >= 4 and word not in stop)


def stands_alone(stems: Collection[str], counts: Mapping[str, int]) -> bool:
    """Whether the rest of the text never mentions most of what a sentence is about."""
    return sum(counts[stem] == 1 for stem in stems) >= max(2, OF_ITS_OWN * len(stems))


def is_task(words: Sequence[str], raw: str, may_ask: bool) -> bool:
    """Whether a sentence orders something, or asks it where `may_ask`, of nobody in the mail."""
    known = read_task_words()
    if len(words) not in LENGTHS or not known.support.isdisjoint(words):
        return False
    rest = WORD.findall(QUOTED.sub(" ", raw))[first_blunt_word(words) :]
    if not rest or not known.people.isdisjoint(rest):
        return False
    return rest[0] in known.verbs or (may_ask and rest[0] in known.questions and raw.rstrip().endswith("?"))


def first_blunt_word(words: Sequence[str]) -> int:
    """The index of the first word that is more than politeness; 0 where there is none."""
    polite = read_task_words().polite
    return next((index for index, word in enumerate(words) if word not in polite), 0)
