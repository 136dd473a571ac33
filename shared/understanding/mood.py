"""The mood of a message: positive, neutral, negative or frustrated, by lexicon and rules."""

from __future__ import annotations

import math
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.domain.text import any_of
from shared.understanding.taxonomy import INTENTS_FOLDER

Sentiment = Literal["positive", "neutral", "negative", "frustrated"]

POSITIVE_FROM = 1.5
NEGATIVE_FROM = 1.5
FRUSTRATED_FROM = 0.5
NEGATION_REACH = 3
SHORTEST_STEM = 3

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STRENGTH = re.compile(r"(positive|negative|anger)([123]?)$")
_REPEATED = re.compile(r"[!?]{2,}")


@dataclass(frozen=True, slots=True)
class Mood:
    """What the words show; `frustration` is a probability."""

    sentiment: Sentiment
    frustration: float


@dataclass(frozen=True, slots=True)
class Tally:
    """The weights found for each side."""

    positive: float = 0.0
    negative: float = 0.0
    anger: float = 0.0

    def plus(self, other: Tally, factor: float = 1.0) -> Tally:
        """Both tallies together, the other one scaled."""
        return Tally(
            self.positive + factor * other.positive,
            self.negative + factor * other.negative,
            self.anger + factor * other.anger,
        )


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words (stems end in `*`), phrases and the words that turn or scale what follows."""

    words: dict[str, Tally]
    phrases: re.Pattern[str]
    phrase_weights: dict[str, Tally]
    negations: frozenset[str]
    scale: dict[str, float]


@dataclass(frozen=True, slots=True)
class MoodTable:
    """Every language's lexicon (`emoji` is one of them), and the patterns that count in all of them."""

    lexicons: dict[str, Lexicon]
    patterns: tuple[tuple[re.Pattern[str], Tally], ...]


@cache
def load_mood_table() -> MoodTable:
    """The table in the company's folder."""
    tables = tomllib.loads((INTENTS_FOLDER / "mood.toml").read_text("utf-8"))
    patterns = tuple(
        (re.compile(pattern), _one("anger", float(name[-1])))
        for name, found in tables.pop("patterns").items()
        for pattern in found
    )
    lexicons = {
        language: _read_lexicon(table, spaced=language not in ("ja", "zh", "emoji"))
        for language, table in tables.items()
    }
    return MoodTable(lexicons, patterns)


def _read_lexicon(table: dict[str, str], *, spaced: bool) -> Lexicon:
    weighed = _weigh_entries(table, spaced=spaced)
    phrases = {entry.replace("_", " "): tally for entry, tally in weighed.items() if "_" in entry or not spaced}
    border = r"\b" if spaced else ""
    return Lexicon(
        words={entry: tally for entry, tally in weighed.items() if spaced and "_" not in entry},
        phrases=re.compile(f"{border}(?:{any_of(phrases)}){border}"),
        phrase_weights=phrases,
        negations=frozenset(table.get("negations", "").split()),
        scale={
            **dict.fromkeys(table.get("intensifiers", "").split(), 1.4),
            **dict.fromkeys(table.get("diminishers", "").split(), 0.6),
        },
    )


def _weigh_entries(table: dict[str, str], *, spaced: bool) -> dict[str, Tally]:
    """Each word or phrase of a table with its weights; scripts without spaces may list bare characters."""
    weighed: dict[str, Tally] = defaultdict(Tally)
    for name, text in table.items():
        if match := _STRENGTH.match(name):
            weight = _one(match[1], float(match[2] or 2))
            for entry in text.split() if spaced or " " in text else text:
                weighed[entry] = weighed[entry].plus(weight)
    return weighed


def _one(side: str, strength: float) -> Tally:
    return Tally(
        positive=strength if side == "positive" else 0.0,
        negative=strength if side == "negative" else 0.5 * strength if side == "anger" else 0.0,
        anger=strength if side == "anger" else 0.0,
    )


def assess_mood(text: str, language: str) -> Mood:
    """The mood of a text in a language; English words count in every language, as customers mix them in."""
    table = load_mood_table()
    lowered = text.lower().replace("\u2019", "'")
    tally = Tally()
    for name in dict.fromkeys((language, "en", "emoji")):
        if name in table.lexicons:
            tally = tally.plus(_tally(lowered, table.lexicons[name]))
    for pattern, weight in table.patterns:
        if pattern.search(lowered):
            tally = tally.plus(weight)
    loudness = _loudness(text)
    anger = tally.anger * (1 + 0.3 * loudness) + 0.8 * loudness
    frustration = _frustration(anger, tally)
    return Mood(_judge(tally, frustration), frustration)


def _tally(text: str, lexicon: Lexicon) -> Tally:
    total = Tally()
    for phrase in lexicon.phrases.findall(text):
        total = total.plus(lexicon.phrase_weights[phrase])
    words = _WORD.findall(lexicon.phrases.sub(" . ", text)) if lexicon.words else []
    for place, word in enumerate(words):
        if (found := _look_up(word, lexicon.words)) is not None:
            total = total.plus(_in_context(found, words[max(0, place - NEGATION_REACH) : place], lexicon))
    return total


def _look_up(word: str, words: dict[str, Tally]) -> Tally | None:
    found = words.get(word)
    length = len(word)
    while found is None and length >= SHORTEST_STEM:
        found = words.get(word[:length] + "*")
        length -= 1
    return found


def _in_context(found: Tally, before: list[str], lexicon: Lexicon) -> Tally:
    """A negation turns praise into blame and weakens blame; an adverb right before it scales it."""
    factor = lexicon.scale.get(before[-1], 1.0) if before else 1.0
    if lexicon.negations.isdisjoint(before):
        return Tally().plus(found, factor)
    return Tally(positive=0.0, negative=0.8 * factor * found.positive + 0.5 * found.negative, anger=0.5 * found.anger)


def _loudness(text: str) -> float:
    """Shouting: words in capitals and repeated marks, 0 to 3."""
    letters = [word for word in _WORD.findall(text) if len(word) > 2]
    shouted = sum(word.isupper() for word in letters)
    share = shouted / len(letters) if len(letters) > 3 else 0.0
    return min(3.0, 2 * (share > 0.5) + 0.5 * (shouted >= 2 and share <= 0.5) + 0.7 * len(_REPEATED.findall(text)))


def _frustration(anger: float, tally: Tally) -> float:
    evidence = 0.9 * anger + 0.25 * tally.negative - 0.35 * tally.positive - 1.4
    return round(1 / (1 + math.exp(-max(-8.0, min(8.0, evidence)))), 4)


def _judge(tally: Tally, frustration: float) -> Sentiment:
    if frustration >= FRUSTRATED_FROM:
        return "frustrated"
    balance = tally.positive - tally.negative
    if balance >= POSITIVE_FROM:
        return "positive"
    return "negative" if -balance >= NEGATIVE_FROM else "neutral"
